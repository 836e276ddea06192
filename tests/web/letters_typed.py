"""Words of a letter as somebody types them, and the page they are typed on."""

PATH = "/configuration/letters/PAYMENT_RECEIPT/en/"
TYPED = {
    "subject": "Thanks, {{ patron.first_name }}",
    "html": "<p>{{ total_minor|money }}</p>",
    "text": "{{ total_minor|money }}",
    "sms": "{{ total_minor|money }}",
}
PLAIN = {"subject": "A subject", "html": "<p>A letter</p>", "text": "A letter", "sms": "A letter"}
