"""The page at `/_sandbox/`: repositories, issues with labels and comments, deliveries. Plain, escaped HTML."""

from collections.abc import Sequence
from html import escape

from bot.sandbox.clock import stamp
from bot.sandbox.hooks import Delivery
from bot.sandbox.markdown import to_html
from bot.sandbox.state import Comment, Issue, Label, Repository, State

STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --quiet: #777; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; margin-bottom: 0 } h2 { font-size: 1.15rem; margin-top: 2rem }
article { border: 1px solid var(--line); border-radius: 8px; padding: .8rem 1rem; margin: .8rem 0 }
h3 { font-size: 1rem; margin: 0 } .quiet, time { color: var(--quiet); font-size: .85rem; font-weight: normal }
.label { border: 1px solid var(--line); border-left: .6rem solid; border-radius: 6px; padding: 0 .5rem;
  font-size: .85rem; margin-right: .3rem; white-space: nowrap } .label b { font-weight: normal; color: CanvasText }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font: inherit; margin: .3rem 0 }
blockquote { margin: .6rem 0 0; padding: .4rem .8rem; background: var(--soft); border-radius: 6px }
blockquote p { margin: .4rem 0 } blockquote code { font-size: .85rem; background: var(--soft); padding: 0 .25rem }
blockquote hr { border: 0; border-top: 1px solid var(--line) } summary { cursor: pointer }
blockquote.bot { border-left: 4px solid #2da44e } table { border-collapse: collapse; font-size: .85rem; width: 100% }
td, th { text-align: left; padding: .15rem .6rem .15rem 0; border-bottom: 1px solid var(--line) }
.table { overflow-x: auto }
"""
SHOWN_DELIVERIES = 30


def render_page(state: State, deliveries: Sequence[Delivery]) -> str:
    """Return the whole page."""
    places = "".join(_repository(repository) for repository in state.repositories.values())
    empty = "<p>No repository yet.</p>"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Reeve sandbox</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{STYLE}</style></head><body><h1>A GitHub on your desk</h1>"
        f'<p class="quiet">Sandbox time {stamp(state.clock.now())} · App {escape(state.app.slug)} · '
        f"webhooks go to {escape(state.app.receiver or 'nobody')}</p>"
        f"{places or empty}{_deliveries(deliveries)}</body></html>"
    )


def _repository(repository: Repository) -> str:
    issues = sorted(repository.issues.values(), key=lambda issue: -issue.number)
    shown = "".join(_issue(repository, issue) for issue in issues) or "<p>No issues yet.</p>"
    return f"<section><h2>{escape(repository.full_name)}</h2>{shown}</section>"


def _issue(repository: Repository, issue: Issue) -> str:
    anchor = escape(f"{repository.full_name}/{issue.number}", quote=True)
    labels = "".join(map(_label, issue.labels))
    kind = f' <span class="quiet">type: {escape(issue.type.name)}</span>' if issue.type else ""
    body = f"<details><summary>Text</summary><pre>{escape(issue.body)}</pre></details>" if issue.body else ""
    return (
        f'<article id="{anchor}"><h3>#{issue.number} {escape(issue.title)}</h3>'
        f'<div class="quiet">{escape(issue.state)}, by {escape(issue.author.login)}, {stamp(issue.created_at)}</div>'
        f"<div>{labels}{kind}</div>{body}{''.join(map(_comment, issue.comments))}</article>"
    )


def _label(label: Label) -> str:
    return f'<span class="label" style="border-left-color:#{escape(label.color)}"><b>{escape(label.name)}</b></span>'


def _comment(comment: Comment) -> str:
    kind = ' class="bot"' if comment.by_app else ""
    when = stamp(comment.created_at)
    return (
        f"<blockquote{kind}><div><b>{escape(comment.author.login)}</b> <time>{when}</time></div>"
        f"{to_html(comment.body)}</blockquote>"
    )


def _deliveries(deliveries: Sequence[Delivery]) -> str:
    rows = "".join(
        f"<tr><td>{escape(each.event)}</td><td>{escape(each.action or '')}</td><td>{each.status_code}</td>"
        f"<td>{stamp(each.delivered_at)}</td><td>{escape(each.guid[:8])}</td></tr>"
        for each in deliveries[:SHOWN_DELIVERIES]
    )
    head = "<tr><th>event</th><th>action</th><th>answer</th><th>time</th><th>GUID</th></tr>"
    return f'<section><h2>Webhooks sent</h2><div class="table"><table>{head}{rows}</table></div></section>'
