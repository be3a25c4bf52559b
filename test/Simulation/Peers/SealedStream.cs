using System.Buffers.Binary;
using CS3103P2P.Peer.Connectivity;
using CS3103P2P.Protocol;
using CS3103P2P.Transport;

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
    private readonly Stream _inner;
    private readonly byte[] _incoming = new byte[HeaderBytes + MaxPayloadBytes];
    private readonly byte[] _outgoing = new byte[HeaderBytes + MaxPayloadBytes];
    private ulong _sent;
    private ulong _received;
    private int _start;
    private int _end;

    private SealedStream(World world, Stream inner)
    {
        _world = world;
        _inner = inner;
    }

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
    public static async Task<SecuredStream> OpenAsync(
        World world, Stream transport, bool isInitiator, PeerId self, PeerId? expected, CancellationToken cancellationToken)
    {
        UtpEnd? end = transport is UtpStream utp ? new UtpEnd(utp) : null;
        var inner = new CoalescingStream(transport);
        byte[] hello = new byte[PeerId.SizeInBytes + sizeof(ulong)];
        self.CopyTo(hello);
        ulong number = isInitiator && end is not null ? world.Pairs.Add(end) : 0;
        BinaryPrimitives.WriteUInt64BigEndian(hello.AsSpan(PeerId.SizeInBytes), number);
        await inner.WriteAsync(hello, cancellationToken).ConfigureAwait(false);
        await inner.FlushAsync(cancellationToken).ConfigureAwait(false);
        if (!await FillAsync(inner, hello, cancellationToken).ConfigureAwait(false)) throw new IOException("It closed the connection.");
        var remote = new PeerId(hello.AsSpan(0, PeerId.SizeInBytes));
        if (!isInitiator && end is not null) world.Pairs.Join(BinaryPrimitives.ReadUInt64BigEndian(hello.AsSpan(PeerId.SizeInBytes)), end);
        if (expected is { } wanted && wanted != remote) throw new PeerAuthenticationException(PeerAuthenticationFailure.WrongPeer, "Somebody else answers.", null);
        return new SecuredStream(new SealedStream(world, inner), remote);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty) return 0;
        if (_start == _end)
        {
            if (!await FillAsync(_inner, _incoming.AsMemory(0, HeaderBytes), cancellationToken).ConfigureAwait(false)) return 0;
            int length = BinaryPrimitives.ReadUInt16BigEndian(_incoming);
            if (length is 0 or > MaxPayloadBytes) throw Broken();
            ulong sum = BinaryPrimitives.ReadUInt64BigEndian(_incoming.AsSpan(2));
            if (!await FillAsync(_inner, _incoming.AsMemory(0, length), cancellationToken).ConfigureAwait(false)) return 0;
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
        while (!buffer.IsEmpty)
        {
            ReadOnlyMemory<byte> payload = buffer[..Math.Min(buffer.Length, MaxPayloadBytes)];
            BinaryPrimitives.WriteUInt16BigEndian(_outgoing, (ushort)payload.Length);
            BinaryPrimitives.WriteUInt64BigEndian(_outgoing.AsSpan(2), Sum(_sent++, payload.Span));
            payload.CopyTo(_outgoing.AsMemory(HeaderBytes));
            await _inner.WriteAsync(_outgoing.AsMemory(0, HeaderBytes + payload.Length), cancellationToken).ConfigureAwait(false);
            buffer = buffer[payload.Length..];
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => _inner.FlushAsync(cancellationToken);

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override async ValueTask DisposeAsync()
    {
        await _inner.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _inner.Dispose();
        base.Dispose(disposing);
    }

    private IOException Broken()
    {
        if (!_world.HasBitFlips) _world.Violate("a stream delivers what was written", "a record does not match its checksum");
        return new IOException("A record was changed on the way.");
    }

    private static async ValueTask<bool> FillAsync(Stream inner, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (!buffer.IsEmpty)
        {
            int read = await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
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
