"""What differs by place: data and wording. No rules of their own."""
