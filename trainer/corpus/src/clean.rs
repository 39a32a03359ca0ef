//! Rules that mend or refuse a block.
