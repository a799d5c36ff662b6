from embeddings.dictionary import DictionaryBuilder, Suggestion, TextGroup


def build(*groups: tuple[str | None, str | None, str | None, int]) -> DictionaryBuilder:
    builder = DictionaryBuilder()
    for ru, uk, pl, count in groups:
        builder.add(TextGroup(ru, uk, pl, None, None, None, None, count, float(count)))
    return builder


def suggestions(builder: DictionaryBuilder, language: str) -> dict[str, Suggestion]:
    return {each.text_normalised: each for each in builder.suggestions() if each.language == language}


def test_a_word_counts_once_per_product() -> None:
    counts = {
        term.word: term.document_count
        for term in build(("фара фара", "фара", None, 3), ("фара", None, None, 2)).terms()
    }
    assert counts == {"фара": 5}


def test_words_are_letters_only_and_know_their_script() -> None:
    terms = {term.word: term.script for term in build(("Фара DAF XF105 24V x", None, None, 1)).terms()}
    assert terms == {"фара": "cyrillic", "daf": "latin"} | {word: "latin" for word in terms if word == "xf"}


def test_common_beginnings_are_suggested_with_the_products_below_them() -> None:
    found = suggestions(build(("Фара левая DAF", None, None, 2), ("Фара левая MAN", None, None, 3)), "ru")
    assert {text: each.product_count for text, each in found.items()} == {
        "фара левая": 5,
        "фара левая daf": 2,
        "фара левая man": 3,
    }  # and not "фара", which always goes on with "левая"


def test_the_proper_spelling_is_shown_not_the_capitals() -> None:
    found = suggestions(build((None, None, "KLOCKI DAF", 9), (None, None, "Klocki DAF", 1)), "pl")
    assert found["klocki daf"].text == "Klocki DAF"
    assert found["klocki daf"].product_count == 10


def test_junk_is_not_suggested_and_popularity_is_a_share() -> None:
    builder = build(("-2146826246", "Фара", None, 5), (None, "Тяга", None, 1))
    assert not suggestions(builder, "ru")
    assert max(each.popularity for each in builder.suggestions()) == 1.0
    assert builder.suggestions()[0].text == "Фара"


def test_an_empty_catalogue_gives_an_empty_dictionary() -> None:
    assert build().suggestions() == []
    assert list(build().terms()) == []


def test_synonyms_are_suggested_in_the_language_whose_names_use_their_words() -> None:
    builder = build(("Фильтр масляный", "Фільтр оливний", "Filtr oleju", 3), ("Картридж масляный", None, None, 2))
    synonyms = "Картридж масляный, Фільтр тонкий, Filtr olejowy, Wkład filtr oleju, oil filter, oil filter,"
    builder.add(TextGroup(None, None, None, synonyms, None, None, None, 4, 4.0))
    found = {each.text: (each.language, each.product_count) for each in builder.suggestions()}
    assert found["oil filter"] == ("en", 4)
    assert found["Wkład filtr oleju"] == ("pl", 4)
    assert found["Фільтр тонкий"][0] == "uk"
    assert found["Картридж масляный"] == ("ru", 2)  # a name is counted as such
    assert "" not in found
