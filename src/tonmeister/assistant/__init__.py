"""Words, questions and pictures: from what people say to moves and answers. Works without any language model."""
