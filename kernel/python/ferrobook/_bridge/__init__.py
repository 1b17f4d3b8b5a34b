"""What starts the kernel and runs inside its ipykernel. It knows nothing of the command ``ferrobook``."""
