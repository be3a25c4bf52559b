using CS3103P2P.Transport.Utp;

namespace CS3103P2P.Transport.Tests.Utp;

/// <summary>Moves pseudo-random bytes through one direction of a connection and compares each on arrival.</summary>
internal sealed class UtpTransfer(UtpPair pair, UtpConnection from, UtpConnection to, long totalBytes)
{
    private readonly byte[] _buffer = new byte[64 * 1024];
    private readonly byte[] _chunk = new byte[64 * 1024];
    private readonly byte[] _expected = new byte[64 * 1024];
    private readonly Random _source = new(pair.Seed ^ 0x5EED);
    private readonly Random _check = new(pair.Seed ^ 0x5EED);
    private int _chunkAt;
    private int _chunkEnd;
    private int _expectedAt;
    private int _expectedEnd;

    public long Written { get; private set; }

    public long Read { get; private set; }

    /// <summary>First position at which what arrived differs; -1 when nothing does.</summary>
    public long MismatchAt { get; private set; } = -1;

    public bool IsDone => Read == totalBytes;

    /// <summary>Writes and reads whatever is possible now.</summary>
    public bool Pump()
    {
        if (PumpWrite()) pair.Touch(from);
        if (PumpRead()) TouchReader();
        return IsDone || MismatchAt >= 0;
    }

    /// <summary>Runs to the end and asserts that every byte arrived as it was sent.</summary>
    public void AssertArrives(double seconds)
    {
        pair.RunUntil(Pump, seconds);
        Assert.AreEqual(-1, MismatchAt, $"Bytes differ; seed {pair.Seed}.");
        Assert.AreEqual(totalBytes, Read, $"Not everything arrived ({from.CloseReason}, {to.CloseReason}); seed {pair.Seed}.");
    }

    private bool PumpWrite()
    {
        bool wrote = false;
        while (Written < totalBytes)
        {
            if (_chunkAt == _chunkEnd)
            {
                _source.NextBytes(_chunk);
                _chunkAt = 0;
                _chunkEnd = (int)Math.Min(_chunk.Length, totalBytes - Written);
            }

            int count = from.Outgoing.Write(_chunk.AsSpan(_chunkAt, _chunkEnd - _chunkAt));
            if (count == 0) return wrote;
            _chunkAt += count;
            Written += count;
            wrote = true;
        }

        return wrote;
    }

    private bool PumpRead()
    {
        bool read = false;
        while (to.Incoming.Read(_buffer) is int count and > 0)
        {
            read = true;
            Compare(_buffer.AsSpan(0, count));
        }

        return read;
    }

    private void Compare(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_expectedAt == _expectedEnd)
            {
                _check.NextBytes(_expected);
                _expectedAt = 0;
                _expectedEnd = _expected.Length;
            }

            int part = Math.Min(bytes.Length, _expectedEnd - _expectedAt);
            if (MismatchAt < 0 && !bytes[..part].SequenceEqual(_expected.AsSpan(_expectedAt, part))) MismatchAt = Read;
            _expectedAt += part;
            Read += part;
            bytes = bytes[part..];
        }
    }

    private void TouchReader()
    {
        to.HandleRead();
        pair.Server.Touch(to);
    }
}
