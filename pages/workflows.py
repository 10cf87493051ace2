"""What was learnt from end-to-end tests, step by step; for staff, what healed steps propose to change of it."""

from nicegui import ui

from core.agents.on_the_page import on_the_page
from core.security.people.authorize import Action, may
from core.services import Services
from core.workflows.step import Workflow
from pages.layout import frame
from pages.parts.changes import ChangeList, readable
from pages.parts.screen import screen
from pages.parts.words import heading, link, paragraph, sentence, words
from pages.parts.workflow_health import draw_workflow_health
from pages.texts import t, tn
from pages.visitor import visitor


def register(services: Services) -> None:
    """Put the screen up."""

    @screen("/workflows")
    async def workflows_page(q: str = "") -> None:
        with frame(t("Workflows"), "/workflows"):
            with ui.element("div").classes("stack"):
                heading(t("Workflows"))
                paragraph(
                    t("What the agent does, step by step. It is learnt from end-to-end tests, never written by hand.")
                )
            if may(visitor(), Action.SEE_ALL_CUSTOMERS) and not q.strip():
                titles = {one.id: one.title.rstrip(".") for one in services.workflows.list()}
                draw_workflow_health(await services.workflow_health.lines(visitor()), titles)
                with ui.element("div").classes("proposed").props("id=proposed"):
                    await ChangeList(services).draw()
            _draw_learnt(services, q.strip())


def _draw_learnt(services: Services, wanted: str) -> None:
    found = services.workflows.search(wanted) if wanted else services.workflows.list()
    if may(visitor(), Action.SEE_ALL_CUSTOMERS) and not wanted:
        heading(t("Learnt"), 2)
    _draw_search(wanted)
    with ui.element("p").classes("second").props("role=status"):
        words(_found(len(found), wanted))
        if wanted:
            words(" · ")
            link(t("all of them"), "/workflows")
    if not found:
        with ui.element("div").classes("card empty"):
            heading(t("Nothing fits") if wanted else t("Nothing was learnt yet"), 2)
            paragraph(t("Try another word.") if wanted else t("Learn from tests with: autopilot learn tests/e2e"))
    for workflow in found:
        _draw(workflow)


def _found(number: int, wanted: str) -> str:
    if wanted:
        return tn("{number} workflow with these words", "{number} workflows with these words", number)
    return tn("{number} workflow", "{number} workflows", number)


def _draw_search(wanted: str) -> None:
    with ui.element("form").props("method=get action=/workflows role=search").classes("row"):
        with ui.element("div").classes("field grow"):
            box = ui.element("input").props("name=q type=search maxlength=200")
            box.props["value"] = wanted
            box.props["aria-label"], box.props["placeholder"] = t("Search workflows"), t("Revoke a key")
        with ui.element("button").props("type=submit").classes("button"):
            words(t("Search"))


def _draw(workflow: Workflow) -> None:
    with ui.element("div").classes("card"):
        with ui.element("div").classes("stack"):
            heading(workflow.title.rstrip("."), 2)
            with ui.element("p").classes("second small"):
                source = f"{workflow.source_file}:{workflow.source_line}"
                sentence(t("Learnt from `{source}`"), source=source)
                words(" · ")
                words(_coverage(workflow))
        with ui.element("details"):
            words(tn("{number} step", "{number} steps", len(workflow.steps)), "summary")
            _draw_steps(workflow)


def _coverage(workflow: Workflow) -> str:
    """How much of it the agent replays, and how much of it the test's text decides."""
    in_browser, unclear = len(on_the_page(workflow)), len(workflow.not_understood)
    return tn(
        "{replayed} of {number} step is replayed in the browser, {unclear} not understood to the end",
        "{replayed} of {number} steps are replayed in the browser, {unclear} not understood to the end",
        len(workflow.steps),
        replayed=in_browser,
        unclear=unclear or t("none"),
    )


def _draw_steps(workflow: Workflow) -> None:
    in_browser, unclear = on_the_page(workflow), workflow.not_understood
    with ui.element("ol").classes("learnt"):
        for step in workflow.steps:
            with ui.element("li"):
                words(readable(step.intent))
                if step in unclear:
                    words(t("not understood"), classes="badge unusual")
                elif step not in in_browser:
                    words(t("not replayed"), classes="badge cancelled")
                if step.expected_result:
                    paragraph(t("Then: {result}", result=readable(step.expected_result)), "second small")
