using System.Diagnostics;

namespace CS3103P2P.NatLab.Tests;

/// <summary>Datagrams counted by the server. Read it once traffic has ended.</summary>
internal sealed class Traffic
{
    private long _first;
    private long _last;
    private long _bytesAfterFirst;
    private int _datagrams;

    public int Datagrams => Volatile.Read(ref _datagrams);

    /// <summary>Payload bits per second between the first and the last datagram.</summary>
    public double BitsPerSecond => _bytesAfterFirst * 8 / Stopwatch.GetElapsedTime(_first, _last).TotalSeconds;

    public void Add(int bytes)
    {
        _last = Stopwatch.GetTimestamp();
        if (_datagrams == 0) _first = _last;
        else _bytesAfterFirst += bytes;
        Volatile.Write(ref _datagrams, _datagrams + 1);
    }
}
