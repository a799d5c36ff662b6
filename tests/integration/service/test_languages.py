"""The searched languages are a setting of the service."""

from tests.catalogue import Catalogue
from tests.service import RunningApplication, running_application, service_settings


async def shown(application: RunningApplication, q: str) -> str | None:
    answer = await application.client.get("/search", params={"q": q})
    assert answer.status_code == 200, answer.text
    meant: str | None = answer.json()["showing_results_for"]
    return meant


async def test_a_language_that_is_left_out_is_not_tried(application: RunningApplication, catalogue: Catalogue) -> None:
    assert await shown(application, "nzuf") == "тяга"
    assert await shown(application, "kolodki") == "колодки"
    settings = service_settings(catalogue).model_copy(update={"search_languages": ("pl", "en")})
    async with running_application(settings, catalogue.warehouse_url) as polish:
        assert await shown(polish, "nzuf") != "тяга"
        assert await shown(polish, "kolodki") != "колодки"
        assert await shown(polish, "klocki hamulcowe") is None
