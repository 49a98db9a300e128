"""The language packs: everything spoken, asked and understood, as data that is checked at load."""
