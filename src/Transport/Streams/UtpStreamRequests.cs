namespace CS3103P2P.Transport;

/// <summary>What the user of a stream did since the loop last looked.</summary>
[Flags]
internal enum UtpStreamRequests
{
    None = 0,
    Wrote = 1,
    Read = 2,
    ShutdownWrite = 4,
    Close = 8,
    Abort = 16,
}
