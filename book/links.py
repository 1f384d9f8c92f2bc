"""A preprocessor of mdBook: what a page links to outside of docs/ is looked up in the repository."""

import json
import posixpath
import re
import sys

LINK = re.compile(r"\]\((\.\./[^)\s]+)\)")


def outside(target, folder, repository):
    """Where a link leads: as it is inside of docs/, else to the repository."""
    path = posixpath.normpath(posixpath.join("docs", folder, target))
    if path.startswith("docs/"):
        return target
    return f"{repository}/blob/HEAD/{path}"


def rewrite(items, repository):
    for item in items:
        chapter = item.get("Chapter") if isinstance(item, dict) else None
        if not chapter:
            continue
        folder = posixpath.dirname(chapter["path"] or "")
        chapter["content"] = LINK.sub(
            lambda link: f"]({outside(link[1], folder, repository)})", chapter["content"]
        )
        rewrite(chapter["sub_items"], repository)


def main():
    if sys.argv[1:2] == ["supports"]:
        return
    context, book = json.load(sys.stdin)
    html = context["config"]["output"]["html"]
    rewrite(book.get("items") or book.get("sections"), html["git-repository-url"])
    json.dump(book, sys.stdout)


main()
