using System.Buffers.Binary;
using System.Net.Sockets;
using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Peer.Connectivity;

/// <summary>Fetches chunks by the plain exchange (<see cref="PlainRequest"/>), one after another on one connection.</summary>
internal sealed class PlainClient : IAsyncDisposable
{
    private readonly Stream _stream;
    private readonly byte[] _header = new byte[PlainRequest.HeaderBytes];

    private PlainClient(Stream stream) => _stream = stream;

    /// <summary>Connects.</summary>
    /// <exception cref="IOException">It cannot be reached.</exception>
    public static async Task<PlainClient> ConnectAsync(TransportAddress address, CancellationToken cancellationToken)
    {
        try
        {
            return new PlainClient(await TcpTransport.ConnectAsync(address, cancellationToken).ConfigureAwait(false));
        }
        catch (SocketException e)
        {
            throw new IOException(e.Message, e);
        }
    }

    /// <summary>Fetches a chunk; null when the peer does not have it.</summary>
    /// <exception cref="IOException">The connection failed, or the answer makes no sense.</exception>
    public async Task<PlainChunk?> FetchAsync(string name, int chunk, CancellationToken cancellationToken)
    {
        await _stream.WriteAsync(new PlainRequest(name, chunk).ToBytes(), cancellationToken).ConfigureAwait(false);
        await _stream.ReadExactlyAsync(_header, cancellationToken).ConfigureAwait(false);
        if (PlainRequest.NotFound.StartsWith(_header))
        {
            await _stream.ReadExactlyAsync(new byte[PlainRequest.NotFound.Length - _header.Length], cancellationToken).ConfigureAwait(false);
            return null;
        }

        int number = BinaryPrimitives.ReadInt32LittleEndian(_header);
        int size = BinaryPrimitives.ReadInt32LittleEndian(_header.AsSpan(4));
        if (number != chunk + 1 || size is < 0 or > ChunkSize.Max) throw new IOException($"The peer answered with chunk {number} of {size} bytes.");
        byte[] data = new byte[size];
        await _stream.ReadExactlyAsync(data, cancellationToken).ConfigureAwait(false);
        return new PlainChunk(data, IsLast: _header[8] != 0);
    }

    public ValueTask DisposeAsync() => _stream.DisposeAsync();
}
