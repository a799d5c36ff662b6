"""The queries of the latency suite: enough of every class, the same every time, as people type them."""

from urllib.parse import parse_qs, urlsplit

from benchmarks.latency.queries import (
    MAKERS,
    REFERENCE_QUERIES,
    SUPPLIER,
    Product,
    Questions,
    keystrokes,
    make_questions,
    words_of,
)

PARTS = (
    ("Колодки тормозные передние", "Колодки гальмівні передні", "Klocki hamulcowe przednie"),
    ("Амортизатор кабины задний", "Амортизатор кабіни задній", "Amortyzator kabiny tylny"),
    ("Фильтр масляный", "Фільтр масляний", "Filtr oleju"),
    ("Сальник ступицы задней", "Сальник маточини задньої", "Uszczelniacz piasty tylnej"),
)
MAKES = ("DAF", "Scania", "Volvo")


def products(count: int, code: str = "WAB") -> list[Product]:
    """Return made-up products: a part, a make, a number and a size each."""
    made = []
    for place in range(count):
        make = MAKES[place % 3]
        names = [f"{name} {100 + place}x{20 + place % 7} {make} XF{place}" for name in PARTS[place % 4]]
        made.append(
            Product(
                f"{code}{1000 + place}",
                (f"81.{43220 + place}-{6012 + place}",),
                dict(zip(("ru", "uk", "pl"), names, strict=True)),
                makes=(make,),
            )
        )
    return made


def asked(seed: int = 1, count: int = 5) -> Questions:
    return make_questions(products(400), products(400, "SEM1"), count, seed)


def texts(questions: Questions, query_class: str) -> list[str]:
    return [
        parse_qs(urlsplit(each.address).query)["q"][0] for each in questions.searches if each.query_class == query_class
    ]


def test_every_class_has_as_many_different_queries_as_asked_for() -> None:
    questions = asked()
    for query_class in (*MAKERS, "supplier"):
        found = texts(questions, query_class)
        assert len(found) == len(set(found)) == 5, query_class
    assert len(questions.typed) == 5


def test_the_same_seed_gives_the_same_queries_and_another_gives_others() -> None:
    assert asked() == asked()
    assert asked(2) != asked()


def test_the_reference_queries_are_asked_behind_the_filter() -> None:
    filtered = [each.address for each in asked().searches if each.query_class == "supplier"]
    assert all(address.endswith(f"&supplier={SUPPLIER}") for address in filtered)
    assert set(REFERENCE_QUERIES) <= set(texts(asked(), "supplier"))


def test_queries_are_what_their_class_says() -> None:
    questions = asked()
    numbers = {number for product in products(400) for number in product.numbers}
    assert not numbers & set(texts(questions, "cross_number"))
    codes = [product.vendor_code for product in products(400)]
    assert set(texts(questions, "code")) <= set(codes)
    for beginning in texts(questions, "code_prefix"):
        assert any(code.lower().startswith(beginning.lower()) for code in (*codes, *numbers))
    assert all(any(make.lower() in text for make in MAKES) for text in texts(questions, "vehicle"))
    assert all(any(character.isdigit() for character in text) for text in texts(questions, "size"))
    assert all(text.isascii() for text in texts(questions, "transliteration"))
    assert all(len(text.split()) <= 3 for text in texts(questions, "name_uk"))
    assert set("".join(texts(questions, "name_uk"))) <= set("абвгґдеєжзиіїйклмнопрстуфхцчшщьюя' ")


def test_words_of_a_name_leave_out_makes_and_numbers() -> None:
    assert words_of(products(1)[0], "pl") == ["klocki", "hamulcowe", "przednie"]
    assert words_of(Product("", (), {"uk": "-2146826246"}), "uk") == []


def test_a_text_is_asked_for_key_by_key_from_two_letters_on() -> None:
    addresses = [question.address for question in keystrokes("abc d")]
    assert addresses == [f"/autocomplete?q={text}" for text in ("ab", "abc", "abc%20d")]
    assert keystrokes("a") == []
