from dataclasses import replace

import numpy as np
import pytest

from embeddings.contrastive import BagModel, Batch, BatchSampler, TrainingSettings, plan_steps, train
from embeddings.parallel import Names, build_corpus, sides_of
from tests.unit.embeddings.material import PARTS, SMALL, parallel_names, trained_encoder

QUICK = replace(SMALL, least_steps=3, most_steps=3)


@pytest.mark.parametrize("part", [part for part in PARTS if part[0] != part[2]])
@pytest.mark.parametrize(("source", "target"), [(0, 2), (1, 2), (2, 0)])
def test_training_learns_the_translation(part: tuple[str, str, str], source: int, target: int) -> None:
    encoder = trained_encoder()
    scores = encoder.encode_texts([other[target] for other in PARTS]) @ encoder.encode_query(part[source])
    assert PARTS[int(scores.argmax())][target] == part[target]


def test_training_is_repeatable() -> None:
    corpus = build_corpus(parallel_names())
    assert np.array_equal(train(corpus, QUICK).table, train(corpus, QUICK).table)


def test_another_seed_gives_another_model() -> None:
    corpus = build_corpus(parallel_names())
    assert not np.array_equal(train(corpus, QUICK).table, train(corpus, replace(QUICK, seed=1)).table)


def test_training_stops_when_its_time_is_up() -> None:
    result = train(build_corpus(parallel_names()), replace(SMALL, time_budget=0.0))
    assert (result.steps, result.planned_steps) == (1, 120)


def test_every_step_is_reported() -> None:
    steps: list[int] = []
    train(build_corpus(parallel_names()), QUICK, steps.append)
    assert steps == [1, 1, 1]


def test_the_gradient_is_the_slope_of_the_loss() -> None:
    settings = TrainingSettings(dimensions=8, batch=16, shared_words_dropped=0.0)
    corpus = build_corpus(parallel_names())
    random = np.random.default_rng(3)
    batch = BatchSampler(corpus, settings, random).draw()

    def loss_at(bucket: int, change: float) -> tuple[float, BagModel]:
        model = BagModel(corpus.features, settings, np.random.default_rng(4))
        model.table[bucket, 0] += change
        return model.step(_copy(batch), 0.0)[0], model

    model = loss_at(0, 0.0)[1]
    before = model.table.copy()
    model._squares[:] = 0  # the first update of a row is then its gradient divided by the gradient's own size
    model.step(_copy(batch), 1.0)
    bucket = int(np.abs(before - model.table)[:, 0].argmax())
    slope = (loss_at(bucket, 0.01)[0] - loss_at(bucket, -0.01)[0]) / 0.02
    update = (before - model.table)[bucket]
    assert np.sqrt((update**2).mean()) == pytest.approx(1, rel=1e-3)
    assert np.sign(update[0]) == np.sign(slope)


def _copy(batch: Batch) -> Batch:
    return Batch(batch.queries.copy(), batch.documents.copy(), batch.not_negative.copy())


def test_a_document_that_holds_all_words_of_a_query_is_no_negative() -> None:
    names = [Names("фара DAF", "фара DAF ліва", "reflektor DAF"), Names("фара DAF", "фара DAF права", "reflektor MAN")]
    settings = TrainingSettings(batch=8, query_shortened=0.0, shared_words_dropped=0.0, sibling_fraction=0.0)
    batch = BatchSampler(build_corpus(names), settings, np.random.default_rng(1)).draw()
    assert not batch.not_negative.diagonal().any()
    assert batch.not_negative.sum() == batch.not_negative.size - len(batch.not_negative)


def test_sides_are_distinct_names_and_synonyms_without_junk() -> None:
    assert sides_of(Names("Фара", "Фара", "-2146826246", "прожектор; reflektor")) == ["Фара", "прожектор", "reflektor"]


def test_entries_are_distinct_and_need_two_sides() -> None:
    corpus = build_corpus(
        [Names("Фара", None, "Reflektor"), Names("Фара", None, "Reflektor"), Names("Фара", None, None)]
    )
    assert corpus.entries == 1


@pytest.mark.parametrize(("entries", "steps"), [(2, 120), (17_000, 398), (10_000_000, 900)])
def test_the_number_of_steps_follows_the_catalogue_within_bounds(entries: int, steps: int) -> None:
    assert plan_steps(entries, TrainingSettings(epochs=12, batch=512, least_steps=120, most_steps=900)) == steps


def test_names_of_one_letter_and_equal_entries_do_not_break_a_batch() -> None:
    corpus = build_corpus([Names("a", "б", None), Names("a", "б", "в"), Names("!", "a !", "№ 1 a")])
    assert np.isfinite(train(corpus, QUICK).table).all()
