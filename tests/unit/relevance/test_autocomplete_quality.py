"""What the benchmark of autocomplete types, and what it accepts."""

from benchmarks.relevance.autocomplete_quality import code_tasks, part_type_tasks
from ingest.demo.vocabulary import load_vocabulary


def test_every_language_is_typed_as_it_is_and_disturbed() -> None:
    pads = next(each for each in load_vocabulary().part_types if each.key == "brake_pads")
    tasks = {task.group: task for task in part_type_tasks([pads])}
    assert {f"{language}, as it is" for language in ("ru", "uk", "pl", "en")} <= tasks.keys()
    assert tasks["ru, layout"].typed == "rjkjlrb njhvjpyst"
    assert tasks["ru, typo"].typed != tasks["ru, as it is"].typed
    assert tasks["ru, typo"].is_meant("Колодки тормозные")
    assert not tasks["ru, typo"].is_meant("Колодки")
    assert tasks["pl, with make"].is_meant("Klocki hamulcowe przednie DAF")
    assert not tasks["pl, with make"].is_meant("Klocki hamulcowe")


def test_a_part_number_is_itself_in_any_punctuation() -> None:
    written, bare = code_tasks(["81.43220-6012"])
    assert (written.typed, bare.typed) == ("81.43220-6012", "81432206012")
    assert bare.is_meant("81 43220 6012")
    assert not bare.is_meant("81.43220-6013")
