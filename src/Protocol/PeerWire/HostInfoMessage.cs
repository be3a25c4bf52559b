namespace CS3103P2P.Protocol;

/// <summary>Who speaks (<see cref="PeerMessageType.HostInfo"/>).</summary>
public readonly ref struct HostInfoMessage
{
    /// <summary>The protocol version that this code speaks.</summary>
    public const uint CurrentVersion = 1;

    private const int FieldHost = 1;
    private const int FieldPort = 2;
    private const int FieldIsServer = 3;
    private const int FieldTimestamp = 4;
    private const int FieldVersion = 16;

    /// <summary>The address at which the sender believes to be reached, as text; may be empty.</summary>
    public ReadOnlySpan<byte> Host { get; init; }

    /// <summary>The port at which it listens; 0 for none.</summary>
    public ushort Port { get; init; }

    /// <summary>Whether it serves shares.</summary>
    public bool IsServer { get; init; }

    /// <summary>Version of this extension of the original's messages; 0 for a program that knows only the original.</summary>
    public uint Version { get; init; }

    /// <summary>Reads a message.</summary>
    public static bool TryRead(ReadOnlySpan<byte> message, out HostInfoMessage info)
    {
        info = default;
        var reader = new ProtoReader(message);
        ReadOnlySpan<byte> host = default;
        uint port = 0, version = 0;
        ulong isServer = 0;
        while (!reader.IsAtEnd)
        {
            if (!reader.TryReadKey(out int field, out int wire)) return false;
            bool read = (field, wire) switch
            {
                (FieldHost, ProtoReader.WireBytes) => reader.TryReadBytes(out host),
                (FieldPort, ProtoReader.WireVarint) => reader.TryReadUInt32(out port),
                (FieldIsServer, ProtoReader.WireVarint) => reader.TryReadVarint(out isServer),
                (FieldVersion, ProtoReader.WireVarint) => reader.TryReadUInt32(out version),
                _ => reader.TrySkip(wire),
            };
            if (!read) return false;
        }

        if (port > ushort.MaxValue) return false;
        info = new HostInfoMessage { Host = host, Port = (ushort)port, IsServer = isServer != 0, Version = version };
        return true;
    }

    /// <summary>Writes the message; 0 when the destination is too short.</summary>
    public int Write(Span<byte> destination, ulong timestampSeconds)
    {
        var writer = new ProtoWriter(destination);
        writer.WriteBytesField(FieldHost, Host);
        writer.WriteVarintField(FieldPort, Port);
        writer.WriteVarintField(FieldIsServer, IsServer ? 1u : 0u);
        writer.WriteVarintField(FieldTimestamp, timestampSeconds);
        writer.WriteVarintField(FieldVersion, Version);
        return writer.Overflowed ? 0 : writer.Length;
    }
}
