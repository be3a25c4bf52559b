using System.Buffers.Binary;
using CS3103P2P.Protocol;

namespace CS3103P2P.Simulation;

/// <summary>
/// Stands in for TLS: says who is at each end, and fails when a byte was changed, dropped or repeated on the way.
/// <code>
/// hello:   peer id (32) | number of the connection, which the initiator chose (8)
/// record:  length (2) | checksum over sequence number and payload (8) | payload
/// </code>
/// </summary>
internal sealed class SealedStream : Stream
{
    private const int HeaderBytes = 10;
    private const int MaxPayloadBytes = 16_384;
    private readonly World _world;
    private readonly UtpPipe _pipe;
    private readonly byte[] _incoming = new byte[HeaderBytes + MaxPayloadBytes];
    private byte[] _outgoing = new byte[HeaderBytes + MaxPayloadBytes];
    private ulong _sent;
    private ulong _received;
    private int _start;
    private int _end;

    private SealedStream(World world, UtpPipe pipe, PeerId remote)
    {
        _world = world;
        _pipe = pipe;
        RemoteId = remote;
    }

    public PeerId RemoteId { get; }

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Exchanges ids; fails when the other one is not the expected.</summary>
    public static async Task<SealedStream> OpenAsync(World world, UtpPipe pipe, PeerId self, PeerId? expected, CancellationToken cancellationToken)
    {
        byte[] hello = new byte[PeerId.SizeInBytes + sizeof(ulong)];
        self.CopyTo(hello);
        ulong number = pipe.IsInitiator ? world.Pairs.Add(pipe) : 0;
        BinaryPrimitives.WriteUInt64BigEndian(hello.AsSpan(PeerId.SizeInBytes), number);
        await pipe.WriteAsync(hello, cancellationToken).ConfigureAwait(false);
        if (!await FillAsync(pipe, hello, cancellationToken).ConfigureAwait(false)) throw new IOException("It closed the connection.");
        var remote = new PeerId(hello.AsSpan(0, PeerId.SizeInBytes));
        if (!pipe.IsInitiator) world.Pairs.Join(BinaryPrimitives.ReadUInt64BigEndian(hello.AsSpan(PeerId.SizeInBytes)), pipe);
        if (expected is { } wanted && wanted != remote) throw new IOException("Somebody else answers.");
        return new SealedStream(world, pipe, remote);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty) return 0;
        if (_start == _end)
        {
            if (!await FillAsync(_pipe, _incoming.AsMemory(0, HeaderBytes), cancellationToken).ConfigureAwait(false)) return 0;
            int length = BinaryPrimitives.ReadUInt16BigEndian(_incoming);
            if (length is 0 or > MaxPayloadBytes) throw Broken();
            ulong sum = BinaryPrimitives.ReadUInt64BigEndian(_incoming.AsSpan(2));
            if (!await FillAsync(_pipe, _incoming.AsMemory(0, length), cancellationToken).ConfigureAwait(false)) return 0;
            if (Sum(_received++, _incoming.AsSpan(0, length)) != sum) throw Broken();
            (_start, _end) = (0, length);
        }

        int count = Math.Min(buffer.Length, _end - _start);
        _incoming.AsSpan(_start, count).CopyTo(buffer.Span);
        _start += count;
        return count;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int records = (buffer.Length + MaxPayloadBytes - 1) / MaxPayloadBytes;
        int total = buffer.Length + (records * HeaderBytes);
        if (_outgoing.Length < total) _outgoing = new byte[total];
        int at = 0;
        while (!buffer.IsEmpty)
        {
            ReadOnlyMemory<byte> payload = buffer[..Math.Min(buffer.Length, MaxPayloadBytes)];
            BinaryPrimitives.WriteUInt16BigEndian(_outgoing.AsSpan(at), (ushort)payload.Length);
            BinaryPrimitives.WriteUInt64BigEndian(_outgoing.AsSpan(at + 2), Sum(_sent++, payload.Span));
            payload.Span.CopyTo(_outgoing.AsSpan(at + HeaderBytes));
            at += HeaderBytes + payload.Length;
            buffer = buffer[payload.Length..];
        }

        await _pipe.WriteAsync(_outgoing.AsMemory(0, at), cancellationToken).ConfigureAwait(false);
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) _pipe.Close();
        base.Dispose(disposing);
    }

    private IOException Broken()
    {
        if (!_world.HasBitFlips) _world.Violate("a stream delivers what was written", $"{_pipe.RemoteAddress} and its peer");
        return new IOException("A record was changed on the way.");
    }

    private static async ValueTask<bool> FillAsync(UtpPipe pipe, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (!buffer.IsEmpty)
        {
            int read = await pipe.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            if (read == 0) return false;
            buffer = buffer[read..];
        }

        return true;
    }

    private static ulong Sum(ulong sequence, ReadOnlySpan<byte> payload)
    {
        ulong sum = (sequence + 1) * 0x9E3779B97F4A7C15;
        while (payload.Length >= sizeof(ulong))
        {
            sum = (sum ^ BinaryPrimitives.ReadUInt64LittleEndian(payload)) * 0xFF51AFD7ED558CCD;
            sum ^= sum >> 32;
            payload = payload[sizeof(ulong)..];
        }

        foreach (byte b in payload) sum = (sum ^ b) * 0x100000001B3;
        return sum ^ (sum >> 29);
    }
}
