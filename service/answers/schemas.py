"""The shape of one product in full, as OpenAPI publishes it. Pure. Built in ``service.answers.product``."""

from datetime import datetime
from typing import TYPE_CHECKING, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from service.answers.fields import selection_of
from service.schemas import Names

_EXAMPLE: dict[str, JsonValue] = {
    "product_id": 1042,
    "net_uid": "7ff1fc5a-892c-40cb-b352-8181e4d0888d",
    "vendor_code": "SEM14321",
    "name": "Колодки гальмівні передні",
    "name_language": "uk",
    "names": {"ru": "Колодки тормозные передние", "uk": "Колодки гальмівні передні", "pl": "Klocki hamulcowe przednie"},
    "descriptions": {"ru": None, "uk": None, "pl": None},
    "notes": {"uk": None, "pl": None},
    "synonyms": {"uk": None, "pl": None},
    "slugs": {"uk": "kolodky-halmivni-1042", "pl": "klocki-hamulcowe-1042"},
    "size": "247x109",
    "weight": 7.24,
    "measure_unit": "шт",
    "main_original_number": "81.50820-6055",
    "original_numbers": ["81.50820-6055"],
    "analogue_count": 2,
    "categories": [{"id": 7, "name": "Гальмівна система"}],
    "groups": [{"id": 36, "name": "Тормоза: прицепы"}],
    "car_brands": [{"id": 13, "name": "SAF"}],
    "image_url": "https://images.example/1042.jpg",
    "images": ["https://images.example/1042.jpg", "https://images.example/1042-2.jpg"],
    "price": 123.45,
    "prices": [{"pricing_id": 2, "name": "Роздріб", "price": 123.45}],
    "available_quantity": 12.0,
    "available": True,
    "stock": [{"storage_id": 3, "name": "Львів", "quantity": 12.0}],
    "is_for_sale": True,
    "is_for_web": True,
    "is_for_zero_sale": False,
    "has_component": False,
    "created": "2019-08-25T22:01:08+00:00",
    "updated": "2022-02-27T20:47:51+00:00",
}


class TwoLanguages(BaseModel):
    """A text the catalogue has in two languages."""

    uk: str | None
    pl: str | None


class Named(BaseModel):
    """A category, group or make of vehicles."""

    id: int
    name: str | None


class PriceOfList(BaseModel):
    """The price in one price list."""

    pricing_id: int
    name: str | None
    price: float


class StockOfStorage(BaseModel):
    """What may be sold from one storage: its stock less what is reserved there."""

    storage_id: int
    name: str | None
    quantity: float


class ProductResponse(BaseModel):
    """One product in full."""

    model_config = ConfigDict(json_schema_extra={"example": _EXAMPLE})

    product_id: int
    net_uid: UUID = Field(description="The identifier other systems know it by.")
    vendor_code: str | None
    name: str | None = Field(description="The name in the language nearest to the one asked for.")
    name_language: Literal["uk", "ru", "pl"] | None
    names: Names
    descriptions: Names
    notes: TwoLanguages
    synonyms: TwoLanguages
    slugs: TwoLanguages = Field(description="Its addresses in the storefront.")
    size: str | None
    weight: float | None = Field(description="Kilograms.")
    measure_unit: str | None
    main_original_number: str | None
    original_numbers: list[str] = Field(description="All of them, main ones first.")
    analogue_count: int = Field(description="Declared analogues; `/analogues` also finds those that share a number.")
    categories: list[Named] = Field(description="With their ancestors, roots first.")
    groups: list[Named]
    car_brands: list[Named] = Field(description="Makes of vehicles it fits.")
    image_url: str | None
    images: list[str] = Field(description="All images, the one above first.")
    price: float | None = Field(description="In the base price list.")
    prices: list[PriceOfList]
    available_quantity: float = Field(ge=0)
    available: bool
    stock: list[StockOfStorage] = Field(description="Storages that sell; empty ones come too.")
    is_for_sale: bool | None
    is_for_web: bool
    is_for_zero_sale: bool | None = Field(description="It may be ordered when there is none.")
    has_component: bool | None = Field(description="It is a set.")
    created: datetime | None = Field(description="By the source's clock, taken as UTC.")
    updated: datetime | None = Field(description="By the source's clock, taken as UTC.")


if TYPE_CHECKING:
    SelectedProductResponse = ProductResponse
else:
    SelectedProductResponse = selection_of(ProductResponse)
