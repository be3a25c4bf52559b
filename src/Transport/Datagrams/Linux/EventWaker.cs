using Microsoft.Win32.SafeHandles;

namespace CS3103P2P.Transport;

/// <summary>Ends a poll(2) from another thread, by an eventfd(2).</summary>
internal sealed unsafe class EventWaker : IDisposable
{
    private readonly SafeFileHandle _event;

    private EventWaker(int descriptor)
    {
        Descriptor = descriptor;
        _event = new SafeFileHandle(descriptor, ownsHandle: true);
    }

    /// <summary>Readable once signalled.</summary>
    public int Descriptor { get; }

    /// <summary>Makes one; null when the system refuses.</summary>
    public static EventWaker? TryCreate()
    {
        int descriptor = LinuxNative.CreateEvent(0, LinuxNative.EfdNonBlock | LinuxNative.EfdCloseOnExec);
        return descriptor < 0 ? null : new EventWaker(descriptor);
    }

    /// <summary>Signals. Thread-safe; harmless after disposal.</summary>
    public void Signal()
    {
        ulong one = 1;
        try
        {
            // It fails only when 2^64 - 1 signals wait, and then one is waiting. The handle keeps the descriptor from being reused meanwhile.
            LinuxNative.Write(_event, &one, sizeof(ulong));
        }
        catch (ObjectDisposedException)
        {
            // The loop has ended: there is nobody left to wake.
        }
    }

    /// <summary>Takes the signals back.</summary>
    public void Clear()
    {
        ulong count;
        LinuxNative.Read(_event, &count, sizeof(ulong));
    }

    public void Dispose() => _event.Dispose();
}
