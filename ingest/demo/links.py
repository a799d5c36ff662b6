"""Stage: demo source. Reads the plan; writes the tables that say what a product is, and what it is linked with.

Analogues, original numbers, groups, categories, car brands, prices, images, slugs, sets, specifications.
A few links point nowhere, as in the source they imitate: see ``DANGLING``.
"""

import numpy as np

from ingest.demo.catalogue import image_url, number_text, vendor_codes
from ingest.demo.lookups import PRICINGS, car_brands, category_of, sub_group_of
from ingest.demo.plan import Plan
from ingest.demo.rows import NULL, Block, Booleans, Integers, Rows, flags, pick, pool_of, texts

# Rows with a reference to a row that does not exist (one per so many products, at least one), always the last ones
# of their table: ProductAnalogue.AnalogueProductID, ProductOriginalNumber.OriginalNumberID, ProductCarBrand.ProductID.
DANGLING = 50_000
_EXTRA_NUMBER_GIVEN = 0.9
_SECOND_CAR_BRAND = 0.06
_IN_SUB_GROUP = 0.97
_IN_CATEGORY = 0.5
_WITH_BASE_PRICE = 0.93
_WITH_OTHER_PRICE = 0.27
_WITH_IMAGE = 0.24
_SECOND_IMAGE = 0.22
_WITH_SLUG = 0.62
_SPECIFIED = 0.1
_SETS = 0.01
_NEVER_DELETED = 0.0


def dangling_count(products: int) -> int:
    """Return how many dangling rows each of the three tables has."""
    return max(1, products // DANGLING)


def chosen(plan: Plan, purpose: str, share: float) -> Integers:
    """Return a random share of the products (zero-based), at least one."""
    found = np.flatnonzero(plan.random(purpose).random(plan.products) < share)
    return found if len(found) else np.array([0])


def has_analogue(plan: Plan) -> Booleans:
    """Return, per product, whether somebody linked it with another maker's product of its family."""
    members = np.bincount(plan.family, minlength=len(plan.families.linked))
    linked: Booleans = (plan.families.linked & (members > 1))[plan.family]
    return linked


def analogues(plan: Plan) -> Rows:
    """Return every ordered pair of a linked family, then some links that were removed, then the dangling ones."""
    order = np.argsort(plan.family, kind="stable")
    family = plan.family[order]
    members = np.bincount(plan.family, minlength=len(plan.families.linked))
    start = np.concatenate(([0], np.cumsum(members)[:-1]))
    partners = np.where(plan.families.linked, members - 1, 0)[family]
    base = np.repeat(np.arange(plan.products), partners)
    step = np.arange(len(base)) - np.repeat(np.cumsum(partners) - partners, partners) + 1
    of_base = family[base]
    other = start[of_base] + (base - start[of_base] + step) % members[of_base]
    random = plan.random("removed analogues")
    removed = max(1, len(base) // 60)
    lost = dangling_count(plan.products)
    base_id = np.concatenate((order[base] + 1, random.integers(1, plan.products + 1, removed + lost)))
    other_id = np.concatenate(
        (
            order[other] + 1,
            random.integers(1, plan.products + 1, removed),
            np.arange(lost) + plan.products + 1_000_000,
        )
    )
    deleted = np.zeros(len(base_id), dtype=np.bool_)
    deleted[len(base) : len(base) + removed] = True

    def make(_: np.random.Generator, begin: int, end: int) -> Block:
        return {
            "BaseProductID": texts(base_id[begin:end]),
            "AnalogueProductID": texts(other_id[begin:end]),
            "Deleted": flags(deleted[begin:end]),
        }

    return Rows("ProductAnalogue", len(base_id), make)


def original_numbers(plan: Plan) -> Rows:
    """Return the original numbers; ``MainNumber`` is the family's main one."""
    family = np.repeat(np.arange(len(plan.families.numbers)), plan.families.numbers)
    main = plan.families.first_number[family]

    def make(_: np.random.Generator, start: int, stop: int) -> Block:
        return {
            "Number": [number_text(plan, number) for number in range(start, stop)],
            "MainNumber": [number_text(plan, number) for number in main[start:stop].tolist()],
        }

    return Rows("OriginalNumber", len(main), make, _NEVER_DELETED)


def product_original_numbers(plan: Plan) -> Rows:
    """Return the numbers of every product: its family's main one and most of the others."""
    amounts = plan.families.numbers[plan.family]
    product = np.repeat(np.arange(plan.products), amounts)
    place = np.arange(len(product)) - np.repeat(np.cumsum(amounts) - amounts, amounts)
    random = plan.random("product original numbers")
    kept = np.flatnonzero((place == 0) | (random.random(len(product)) < _EXTRA_NUMBER_GIVEN))
    product, place = product[kept], place[kept]
    number = plan.families.first_number[plan.family[product]] + place
    # Numbers taken off a product again: soft-deleted, and never its live ones' business.
    removed, lost = max(1, len(kept) // 80), dangling_count(plan.products)
    live = len(product)
    product = np.concatenate((product, random.integers(0, plan.products, removed + lost)))
    number = np.concatenate(
        (
            number,
            random.integers(0, len(plan.numbers.index), removed),
            np.arange(lost) + len(plan.numbers.index) + 1_000_000,
        )
    )
    main = np.zeros(len(product), dtype=np.bool_)
    main[:live] = place == 0
    deleted = np.zeros(len(product), dtype=np.bool_)
    deleted[live : live + removed] = True

    def make(_: np.random.Generator, start: int, stop: int) -> Block:
        return {
            "ProductID": texts(product[start:stop] + 1),
            "OriginalNumberID": texts(number[start:stop] + 1),
            "IsMainOriginalNumber": flags(main[start:stop]),
            "Deleted": flags(deleted[start:stop]),
        }

    return Rows("ProductOriginalNumber", len(product), make)


def product_car_brands(plan: Plan) -> Rows:
    """Return the make of every product that has one; some also fit another make."""
    makes = car_brands(plan.vocabulary)
    of_vehicle = np.array([makes.index(each.make) + 1 for each in plan.vocabulary.vehicles] + [0])
    brand = of_vehicle[plan.families.vehicle[plan.family]]
    with_make = np.flatnonzero(brand)
    random = plan.random("car brands")
    also = with_make[random.random(len(with_make)) < _SECOND_CAR_BRAND]
    lost = dangling_count(plan.products)
    product = np.concatenate((with_make, also, np.arange(lost) + plan.products + 1_000_000)) + 1
    brands = np.concatenate((brand[with_make], brand[also] % len(makes) + 1, np.ones(lost, dtype=np.int64)))

    def make(_: np.random.Generator, start: int, stop: int) -> Block:
        return {"ProductID": texts(product[start:stop]), "CarBrandID": texts(brands[start:stop])}

    return Rows("ProductCarBrand", len(product), make)


def product_groups(plan: Plan) -> Rows:
    """Return the sub-group of almost every product, with the supplier's code of the product in it."""
    product, group = chosen(plan, "groups", _IN_SUB_GROUP), sub_group_of(plan)

    def make(_: np.random.Generator, start: int, stop: int) -> Block:
        mine = product[start:stop]
        first = int(mine[0])
        codes = vendor_codes(plan, first, int(mine[-1]) + 1)
        return {
            "ProductID": texts(mine + 1),
            "ProductGroupID": texts(group[mine]),
            "OrderStandard": "1",
            "VendorCode": pick(pool_of(codes), mine - first),
        }

    return Rows("ProductProductGroup", len(product), make)


def product_categories(plan: Plan) -> Rows:
    """Return the storefront category of half of the products."""
    product, category = chosen(plan, "categories", _IN_CATEGORY), category_of(plan)

    def make(_: np.random.Generator, start: int, stop: int) -> Block:
        mine = product[start:stop]
        return {"ProductID": texts(mine + 1), "CategoryID": texts(category[mine])}

    return Rows("ProductCategory", len(product), make)


def product_pricings(plan: Plan) -> Rows:
    """Return base prices, then prices of other price lists, EUR with two digits."""
    random = plan.random("pricings")
    base, other = chosen(plan, "base prices", _WITH_BASE_PRICE), chosen(plan, "other prices", _WITH_OTHER_PRICE)
    product = np.concatenate((base, other))
    pricing = np.concatenate((np.ones(len(base), dtype=np.int64), random.integers(2, PRICINGS + 1, len(other))))
    charge = np.array((0.0, 1.0, 1.35, 1.15, 1.30, 1.12, 1.5))[pricing]
    cents = np.maximum(plan.price[product] * charge * 100, 1).astype(np.int64)

    def make(_: np.random.Generator, start: int, stop: int) -> Block:
        return {
            "ProductID": texts(product[start:stop] + 1),
            "PricingID": texts(pricing[start:stop]),
            "Price": [f"{amount // 100}.{amount % 100:02d}" for amount in cents[start:stop].tolist()],
        }

    return Rows("ProductPricing", len(product), make)


def image_counts(plan: Plan) -> Integers:
    """Return the number of live images of each product."""
    random = plan.random("images")
    counts = (random.random(plan.products) < _WITH_IMAGE) * (1 + (random.random(plan.products) < _SECOND_IMAGE))
    counts[0] = max(1, counts[0])
    found: Integers = counts
    return found


def product_images(plan: Plan, counts: Integers) -> Rows:
    """Return the images, the first of a product its main one; then images that were taken down."""
    product = np.repeat(np.arange(plan.products), counts)
    index = np.arange(len(product)) - np.repeat(np.cumsum(counts) - counts, counts)
    live = len(product)
    removed = max(1, live // 50)
    product = np.concatenate((product, plan.random("removed images").integers(0, plan.products, removed)))
    index = np.concatenate((index, np.full(removed, 8)))

    def make(_: np.random.Generator, start: int, stop: int) -> Block:
        mine, places = (product[start:stop] + 1).tolist(), index[start:stop]
        return {
            "ProductID": texts(mine),
            "ImageUrl": [image_url(one, place) for one, place in zip(mine, places.tolist(), strict=True)],
            "IsMainImage": flags(places == 0),
            "Deleted": flags(np.arange(start, stop) >= live),
        }

    return Rows("ProductImage", len(product), make)


def product_slugs(plan: Plan) -> Rows:
    """Return a Ukrainian slug for most products and a Polish one for some of them."""
    uk, pl = chosen(plan, "slugs uk", _WITH_SLUG), chosen(plan, "slugs pl", _WITH_SLUG * 0.62)
    product = np.concatenate((uk, pl))

    def make(_: np.random.Generator, start: int, stop: int) -> Block:
        phrase = plan.phrase[product[start:stop]]
        is_pl = np.arange(start, stop) >= len(uk)
        names = np.where(is_pl, plan.phrases.slugs["pl"][phrase], plan.phrases.slugs["uk"][phrase]).tolist()
        mine = (product[start:stop] + 1).tolist()
        return {
            "ProductID": texts(mine),
            "Url": [f"{name}-{one}" for name, one in zip(names, mine, strict=True)],
            "Locale": pick(pool_of(("uk", "pl")), is_pl.astype(np.int64)),
        }

    return Rows("ProductSlug", len(product), make)


def set_bases(plan: Plan) -> Integers:
    """Return the products (zero-based) that are sets of others."""
    return chosen(plan, "sets", _SETS)


def product_sets(plan: Plan) -> Rows:
    """Return two to four components of every set."""
    bases = set_bases(plan)
    random = plan.random("components")
    base = np.repeat(bases, random.integers(2, 5, len(bases)))
    component = (base + random.integers(1, plan.products, len(base))) % plan.products

    def make(numbers: np.random.Generator, start: int, stop: int) -> Block:
        return {
            "BaseProductID": texts(base[start:stop] + 1),
            "ComponentProductID": texts(component[start:stop] + 1),
            "SetComponentsQty": texts(numbers.integers(1, 5, stop - start)),
        }

    return Rows("ProductSet", len(base), make, _NEVER_DELETED)


def product_specifications(plan: Plan) -> Rows:
    """Return customs specifications of a tenth of the products."""
    product = chosen(plan, "specifications", _SPECIFIED)
    uk, pl = plan.phrases.texts["uk"], plan.phrases.texts["pl"]

    def make(random: np.random.Generator, start: int, stop: int) -> Block:
        mine, count = product[start:stop], stop - start
        phrase = plan.phrase[mine]
        is_pl = random.random(count) < 0.4
        value = random.integers(100, 500_000, count)
        return {
            "AddedByID": texts(random.integers(1, 20, count)),
            "ProductID": texts(mine + 1),
            "SpecificationCode": pick(pool_of(("8708309990", "8708809990", "8421230000", NULL)), value % 4),
            "Name": np.where(is_pl, pl[phrase], uk[phrase]).tolist(),
            "IsActive": flags(random.random(count) < 0.95),
            "DutyPercent": pick(pool_of(("0", "3.5", "5", "10")), value % 4),
            "Locale": pick(pool_of(("uk", "pl")), is_pl.astype(np.int64)),
            "CustomsValue": [f"{each / 100:.2f}" for each in value.tolist()],
            "Duty": [f"{each / 2000:.2f}" for each in value.tolist()],
            "VATPercent": pick(pool_of(("20", "23")), is_pl.astype(np.int64)),
            "VATValue": [f"{each / 500:.2f}" for each in value.tolist()],
        }

    return Rows("ProductSpecification", len(product), make)


def link_rows(plan: Plan) -> list[Rows]:
    """Return the rows of every table of this module."""
    return [
        analogues(plan),
        original_numbers(plan),
        product_original_numbers(plan),
        product_car_brands(plan),
        product_groups(plan),
        product_categories(plan),
        product_pricings(plan),
        product_images(plan, image_counts(plan)),
        product_slugs(plan),
        product_sets(plan),
        product_specifications(plan),
    ]
