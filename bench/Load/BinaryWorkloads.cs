using System.Buffers.Binary;
using System.Security.Cryptography;

namespace CS3103P2P.Bench.Load;

/// <summary>UDP announces of BEP 15, each of one of many info-hashes.</summary>
internal sealed class AnnounceWorkload(int files) : IWorkload
{
    private const int RequestBytes = 98;
    private const int ActionAnnounce = 1;
    private const int MaxAttempts = 100;
    private readonly byte[][] _hashes = [.. Enumerable.Range(0, files).Select(HashOf)];
    private ulong _connection;

    /// <summary>The info-hash of a file's number.</summary>
    public static byte[] HashOf(int file)
    {
        byte[] hash = new byte[20];
        SHA256.HashData(BitConverter.GetBytes(file)).AsSpan(0, 20).CopyTo(hash);
        return hash;
    }

    public void Prepare(UdpBatch socket)
    {
        for (int attempt = 0; attempt < MaxAttempts && _connection == 0; attempt++)
        {
            Span<byte> connect = socket.Next;
            connect[..16].Clear();
            BinaryPrimitives.WriteUInt64BigEndian(connect, 0x41727101980);
            socket.Add(16);
            socket.Flush();
            if (socket.Receive() > 0 && socket.Received(0).Length == 16) _connection = BinaryPrimitives.ReadUInt64BigEndian(socket.Received(0)[8..]);
        }

        if (_connection == 0) throw new InvalidOperationException("The tracker does not answer.");
    }

    public int Write(int number, long turn, Span<byte> buffer)
    {
        buffer[..RequestBytes].Clear();
        BinaryPrimitives.WriteUInt64BigEndian(buffer, _connection);
        BinaryPrimitives.WriteInt32BigEndian(buffer[8..], ActionAnnounce);
        BinaryPrimitives.WriteInt32BigEndian(buffer[12..], number);
        _hashes[turn * 7919 % _hashes.Length].CopyTo(buffer[16..]);
        "-CS0001-000000000000"u8.CopyTo(buffer[36..]);
        BinaryPrimitives.WriteInt32BigEndian(buffer[92..], 50);      // num_want
        BinaryPrimitives.WriteUInt16BigEndian(buffer[96..], 6881);
        return RequestBytes;
    }

    public int NumberOf(ReadOnlySpan<byte> reply) =>
        reply.Length >= 20 && BinaryPrimitives.ReadInt32BigEndian(reply) == ActionAnnounce ? BinaryPrimitives.ReadInt32BigEndian(reply[4..]) : -1;
}

/// <summary>STUN Binding requests (RFC 8489 §14: none but the header).</summary>
internal sealed class StunWorkload : IWorkload
{
    private const int HeaderBytes = 20;

    public void Prepare(UdpBatch socket)
    {
    }

    public int Write(int number, long turn, Span<byte> buffer)
    {
        buffer[..HeaderBytes].Clear();
        buffer[1] = 1;
        BinaryPrimitives.WriteUInt32BigEndian(buffer[4..], 0x2112A442);
        BinaryPrimitives.WriteInt32BigEndian(buffer[8..], number);
        BinaryPrimitives.WriteInt64BigEndian(buffer[12..], turn);
        return HeaderBytes;
    }

    public int NumberOf(ReadOnlySpan<byte> reply) => reply.Length > HeaderBytes && reply[0] == 1 && reply[1] == 1 ? BinaryPrimitives.ReadInt32BigEndian(reply[8..]) : -1;
}

/// <summary>Datagrams of a fixed size for the echo in C.</summary>
internal sealed class EchoWorkload(int requestBytes) : IWorkload
{
    public void Prepare(UdpBatch socket)
    {
    }

    public int Write(int number, long turn, Span<byte> buffer)
    {
        buffer[..requestBytes].Fill((byte)'x');
        BinaryPrimitives.WriteInt32BigEndian(buffer, number);
        return requestBytes;
    }

    public int NumberOf(ReadOnlySpan<byte> reply) => BinaryPrimitives.ReadInt32BigEndian(reply);
}
