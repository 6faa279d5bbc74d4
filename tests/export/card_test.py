from fgkeras.export.card import model_card

MODEL = {"input": {"size": 96}}


def test_numbers_are_those_given():
    card = model_card(MODEL, {"test": {"top1": 0.81234567, "images": 120}})
    assert "| test.top1 | 0.8123 |" in card
    assert "| test.images | 120 |" in card
    assert "| input.size | 96 |" in card


def test_texts_are_sections():
    card = model_card(MODEL, {"name": "Birds", "limits": "Adults only."})
    assert card.startswith("# Birds\n")
    assert "## Limits\n\nAdults only.\n" in card
    assert "No measurements were given." in card


def test_markup_in_names_is_shown_as_text():
    card = model_card(MODEL, {"name": "<script>", "a|b": "x\ny"})
    assert "<script>" not in card
    assert "| a\\|b | x y |" in card


def test_metadata_is_left_alone():
    metadata = {"name": "Birds"}
    model_card(MODEL, metadata)
    assert metadata == {"name": "Birds"}
