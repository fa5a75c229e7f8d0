"""What both faces need of the engine that started them: its display, and the other processes of its run."""
