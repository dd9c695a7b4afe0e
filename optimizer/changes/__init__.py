"""What-ifs as data: changes of tables, how they are written, what they give, and by which two problems differ."""
