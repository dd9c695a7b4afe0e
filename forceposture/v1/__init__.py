"""Generated from protos/forceposture/v1; never edited."""
