"""The page of a preview. Pure.

All questions stand on the page one after the other. A script of ours shows one at a time, with a list, a search and
filters. Nothing of a bank becomes markup or code, and the page fetches nothing: pictures are in it.
"""

from chalicelib.preview import summary
from chalicelib.preview import texts as t
from chalicelib.preview.model import Preview
from chalicelib.preview.questions import Questions
from chalicelib.shared import html
from chalicelib.shared.html import el


def show(preview: Preview, *, css: str, code: str) -> bytes:
    """The page with this style and script, both written by us."""
    policy = (
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
        f"script-src {html.script_source(code)}; base-uri 'none'; form-action 'none'"
    )
    questions = Questions(preview)
    columns = el(
        "div",
        questions.navigation(),
        el("main", *questions.articles()),
        class_="columns",
        data_previous=t.PREVIOUS,
        data_next=t.NEXT,
    )
    title = t.TITLE.format(title=preview.title or t.UNTITLED)
    body = (summary.show(preview), columns, html.script(code))
    return str(html.page(*body, title=title, css=css, policy=policy)).encode()
