"""The joint stemmers: forms of one word meet, different words do not."""

import pytest

from cordsearch.analysis.normalise import fold_text
from cordsearch.analysis.stem import stem

SAME = [
    "колодка колодки колодок колодку колодкою колодкам колодками",
    "тормозной тормозная тормозные тормозных тормозні тормозними тормозна тормозний",
    "гальмівний гальмівна гальмівні гальмівних гальмівного",
    "фильтр фильтра фильтры фильтров фільтр фільтра фільтри фільтрів фільтром",
    "масляный масляний масляная масляна масляные масляні масляного",
    "тяга тяги тяг тягу тягою тягами",
    "амортизатор амортизатора амортизаторы амортизатори амортизаторів амортизаторов",
    "компрессор компресор компрессора компресора компрессоры",
    "подшипник підшипник подшипники підшипники подшипников підшипників",
    "ремень ремня ремни ремней",
    "палец пальца пальцы пальці палець пальця",
    "стойка стойки стоек стойку",
    "гайка гайки гаек",
    "кольцо кольца колец",
    "втулка втулки втулок втулками",
    "прокладка прокладки прокладок",
    "деталь детали деталей",
    "крепление крепления креплений",
    "поршень поршня поршни поршней",
    "передний передняя передні передние передня переднего",
    "кузов кузова кузову",
    "klocek klocki klocka klockow klockami",
    "hamulcowy hamulcowe hamulcowa hamulcowych",
    "lozysko lozyska lozysk lozyskami",
    "uszczelka uszczelki uszczelek",
    "drazek drazka drazki",
    "amortyzator amortyzatora amortyzatory amortyzatorow",
    "pad pads",
    "brake brakes",
    "filter filters filtr filtry filtra",
    "battery batteries",
    "switch switches",
    "pulley pulleys",
    "olej oleju oleje",
    "подогрев подогрева",
    "подъём подъёма подъем",
    "режим режима",
]

DIFFERENT = [
    ("колодки", "цилиндр"),
    ("тормоз", "тормозной"),
    ("тяга", "тягач"),
    ("вал", "валик"),
    ("болт", "болгарка"),
    ("масло", "маслянный"),
    ("левый", "правый"),
    ("передний", "задний"),
    ("klocki", "klej"),
    ("brake", "break"),
    ("бак", "бачок"),
    ("насос", "насадка"),
]


@pytest.mark.parametrize("forms", SAME)
def test_forms_of_one_word_share_a_stem(forms: str) -> None:
    stems = {form: stem(fold_text(form)) for form in forms.split()}
    assert len(set(stems.values())) == 1, stems


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_different_words_keep_different_stems(one: str, other: str) -> None:
    assert stem(one) != stem(other)


@pytest.mark.parametrize(
    "word", ["309x242", "105", "22.5", "xf105", "sem14321", "81432206012", "daf", "man", "", "даfу"]
)
def test_codes_sizes_numbers_and_short_makes_are_never_touched(word: str) -> None:
    assert stem(word) == word


@pytest.mark.parametrize("word", ["ось", "вал", "шов", "ева", "ая", "ой", "ies", "aes", "тна"])
def test_short_words_leave_something(word: str) -> None:
    assert len(stem(word)) >= 2
