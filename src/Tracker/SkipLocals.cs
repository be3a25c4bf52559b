// Buffers on the stack are written before they are read; clearing them first would cost each request a part of its time.
[module: System.Runtime.CompilerServices.SkipLocalsInit]
