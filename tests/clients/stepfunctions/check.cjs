// The worker of the example `on_step_functions` runs against stepfunctions-local, which is not ours:
// EMULATOR is its folder, WORKER the program. It answers an empty poll at once, and ends no task
// when its execution is stopped; a heartbeat timeout it does know.

'use strict';

const assert = require('node:assert/strict');
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');

const LIMIT = 120_000; // ms that anything may take, also on a machine that has much else to do

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function eventually(what, condition) {
    const end = Date.now() + LIMIT;
    while (Date.now() < end) {
        const found = await condition();
        if (found) return found;
        await sleep(50);
    }
    throw new Error(`not within ${LIMIT / 1000} s: ${what}`);
}

/** Starts the emulator in this process, on a free port of this machine alone, and counts its calls. */
async function emulator() {
    const create = http.createServer;
    let server;
    http.createServer = (...rest) => {
        server = create.apply(http, rest);
        const listen = server.listen.bind(server);
        server.listen = (port, done) => listen(0, '127.0.0.1', done);
        return server;
    };
    require(path.join(process.env.EMULATOR, 'src/server.js')).start({ region: 'us-east-1' });
    http.createServer = create;
    const counts = {};
    server.on('request', (request) => {
        const action = String(request.headers['x-amz-target']).split('.')[1];
        counts[action] = (counts[action] ?? 0) + 1;
    });
    await eventually('the emulator listens', () => server.listening);
    const url = `http://127.0.0.1:${server.address().port}`;
    const call = async (action, body) => {
        const answer = await fetch(url, {
            method: 'POST',
            headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AWSStepFunctions.${action}` },
            body: JSON.stringify(body),
        });
        const text = await answer.text();
        assert.equal(answer.status, 200, `${action}: ${text}`);
        return text ? JSON.parse(text) : null;
    };
    return { url, counts, call, stop: () => { server.closeAllConnections(); server.close(); } };
}

/** The worker, and what it says. */
function worker(url) {
    const env = {
        ...process.env,
        AWS_ENDPOINT_URL_SFN: url,
        AWS_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: 'local',
        AWS_SECRET_ACCESS_KEY: 'local',
        AWS_EC2_METADATA_DISABLED: 'true',
    };
    delete env.AWS_PROFILE;
    const child = spawn(process.env.WORKER, [], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const said = [];
    for (const out of [child.stdout, child.stderr]) out.on('data', (text) => said.push(String(text)));
    const ended = new Promise((resolve) => child.on('exit', (code, signal) => resolve(code ?? signal)));
    return { child, ended, said: () => said.join('') };
}

async function main() {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'stepfunctions-'));
    const states = await emulator();
    const packs = worker(states.url);
    try {
        await check(states, packs, folder);
    } catch (error) {
        console.error(`the worker said:\n${packs.said()}`);
        throw error;
    } finally {
        packs.child.kill('SIGKILL');
        states.stop();
        fs.rmSync(folder, { recursive: true, force: true });
    }
}

async function check(states, packs, folder) {
    const arn = await eventually('the worker makes its activity', async () => {
        const { activities } = await states.call('ListActivities', {});
        return activities.find(({ name }) => name === 'pack')?.activityArn;
    });

    const machine = async (name, state) => {
        const definition = { StartAt: 'Pack', States: { Pack: { Type: 'Task', Resource: arn, End: true, ...state } } };
        const { stateMachineArn } = await states.call('CreateStateMachine', {
            name,
            definition: JSON.stringify(definition),
            roleArn: 'arn:aws:iam::0123456789:role/any',
        });
        return stateMachineArn;
    };
    const start = async (stateMachineArn, input) => {
        const { executionArn } = await states.call('StartExecution', { stateMachineArn, input: JSON.stringify(input) });
        const events = async (type) => {
            const history = await states.call('GetExecutionHistory', { executionArn });
            return history.events.find((event) => event.type === type);
        };
        return { events, until: (type) => eventually(type, () => events(type)) };
    };
    const job = (name, passes) => ({
        folder: path.join(folder, 'in'),
        archive: path.join(folder, `${name}.tar.gz`),
        level: 6,
        passes,
        budget: null,
    });
    fs.mkdirSync(path.join(folder, 'in'));
    fs.writeFileSync(path.join(folder, 'in', 'text'), 'some text'.repeat(100_000));
    const pack = await machine('pack', { HeartbeatSeconds: 60 });

    console.log('an activity completes');
    const completes = await start(pack, job('completes', 3));
    const succeeded = await completes.until('ActivitySucceeded');
    const output = succeeded.activitySucceededEventDetails.output;
    const packed = typeof output === 'string' ? JSON.parse(output) : output;
    assert.equal(packed.files, 1);
    assert.equal(packed.bytes_in, 900_000);
    assert.ok(fs.existsSync(packed.archive));

    console.log('an activity fails, and its error is one that can be caught');
    const fails = await start(pack, { ...job('fails', 1), folder: path.join(folder, 'nowhere') });
    const failed = (await fails.until('ActivityFailed')).activityFailedEventDetails;
    assert.match(failed.error, /::Unreadable$/);
    assert.match(failed.cause, /nowhere/);

    console.log('an input that does not decode fails with a code');
    const refused = await start(pack, { folder: 1 });
    const code = (await refused.until('ActivityFailed')).activityFailedEventDetails;
    assert.equal(code.error, 'WORKBEAT_INPUT_INVALID');

    console.log('a task that timed out stops its activity, which cleans up and nothing is said of it');
    const short = await machine('short', { HeartbeatSeconds: 1 });
    const late = await start(short, job('late', 1_000_000));
    const partial = path.join(folder, 'late.tar.gz.partial');
    await eventually('it packs', () => fs.existsSync(partial));
    const beats = states.counts.SendTaskHeartbeat ?? 0;
    await eventually('it heartbeats', () => states.counts.SendTaskHeartbeat > beats + 3);
    const started = await late.until('ActivityStarted');
    assert.match(started.activityStartedEventDetails.workerName, /^\d+@/);
    packs.child.kill('SIGSTOP'); // it cannot heartbeat now
    await late.until('ActivityTimedOut');
    packs.child.kill('SIGCONT');
    await eventually('it has cleaned up', () => !fs.existsSync(partial));
    assert.equal(await late.events('ActivityFailed'), undefined);

    console.log('polls that are empty at once are not spun on');
    const polls = states.counts.GetActivityTask;
    const from = Date.now();
    await eventually('some polls are made', () => states.counts.GetActivityTask >= polls + 20);
    // Two task list's polls side by side, each no sooner than 200 ms after the last.
    assert.ok(Date.now() - from > 1_000, 'it spins');

    packs.child.kill('SIGTERM');
    assert.equal(await packs.ended, 0);
    assert.match(packs.said(), /1 completed, 2 failed.*1 closed/);
}

main().then(
    () => process.exit(0),
    (error) => {
        console.error(error);
        process.exit(1);
    },
);
