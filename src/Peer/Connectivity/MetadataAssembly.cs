using CS3103P2P.Protocol;

namespace CS3103P2P.Peer.Connectivity;

/// <summary>Hashes or a manifest that are coming in, piece after piece, a few asked for ahead.</summary>
internal sealed class MetadataAssembly(MetadataKey key, int maxBytes)
{
    private const int PiecesAhead = 8;
    private byte[]? _data;
    private int _received;
    private int _asked;

    public MetadataKey Key { get; } = key;

    /// <summary>All of it, once complete.</summary>
    public ReadOnlySpan<byte> Data => _data;

    public bool IsComplete => _data is not null && _received == _data.Length;

    /// <summary>Where the next piece to ask for begins; false when enough is asked for.</summary>
    public bool TryNext(out int offset)
    {
        offset = _asked;
        if (_data is null ? _asked > 0 : _asked >= _data.Length || _asked - _received >= PiecesAhead * MetadataMessage.MaxDataBytes) return false;
        _asked += MetadataMessage.MaxDataBytes;
        return true;
    }

    /// <summary>Takes the next piece; false when it is not that.</summary>
    public bool TryAdd(in MetadataMessage piece)
    {
        if (_data is null)
        {
            if (piece.TotalBytes is <= 0 || piece.TotalBytes > maxBytes) return false;
            _data = new byte[piece.TotalBytes];
        }

        int expected = Math.Min(MetadataMessage.MaxDataBytes, _data.Length - _received);
        if (piece.TotalBytes != _data.Length || piece.Offset != _received || piece.Data.Length != expected) return false;
        piece.Data.CopyTo(_data.AsSpan(_received));
        _received += expected;
        return true;
    }
}
