"""An order as the API takes it."""

ORDER = {
    "customerId": "ada",
    "currency": "EUR",
    "items": [{"sku": "book", "quantity": 2, "unitPrice": 1250}],
    "shippingAddress": {
        "name": "Ada",
        "street": "1 Main Street",
        "city": "Paris",
        "postalCode": "75001",
        "country": "FR",
    },
}
