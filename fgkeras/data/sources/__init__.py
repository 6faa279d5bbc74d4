"""Where images come from: folders, archives, tables, public sets."""
