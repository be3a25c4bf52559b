using System.Buffers;
using System.Buffers.Binary;
using Microsoft.Extensions.Logging;

namespace CS3103P2P.Peer.Connectivity;

/// <summary>Answers the plain exchange (<see cref="PlainRequest"/>). Private shares do not exist for it.</summary>
internal sealed class PlainServer(ConnectionContext context)
{
    private const int PieceBytes = 64 * 1024;
    private static readonly TimeSpan IdleTimeout = TimeSpan.FromSeconds(60);

    /// <summary>Serves one connection until it ends or is idle for too long.</summary>
    public async Task RunAsync(Stream stream, CancellationToken cancellationToken)
    {
        byte[] request = new byte[PlainRequest.MaxBytes];
        byte[] piece = ArrayPool<byte>.Shared.Rent(PieceBytes);
        using var idle = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            while (true)
            {
                idle.CancelAfter(IdleTimeout);
                int length = await stream.ReadAsync(request, idle.Token).ConfigureAwait(false);
                if (length == 0 || !PlainRequest.TryParse(request.AsSpan(0, length), out PlainRequest parsed)) return;
                await AnswerAsync(stream, parsed, piece, idle).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            context.Logger.LogDebug("A plain connection ended: {Reason}", e.Message);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece);
        }
    }

    private async Task AnswerAsync(Stream stream, PlainRequest request, byte[] piece, CancellationTokenSource idle)
    {
        ServedShare? share = context.Shares.Find(request.Name) ?? context.Shares.Find(Uri.UnescapeDataString(request.Name));
        IShareContent? content = share is { Secret: null } ? share.Content : null;
        if (content?.Layout is not { } layout || request.Chunk >= layout.ChunkCount || !content.HasChunk(request.Chunk))
        {
            await stream.WriteAsync(PlainRequest.NotFound.ToArray(), idle.Token).ConfigureAwait(false);
            return;
        }

        int length = layout.Locate(request.Chunk).Length;
        BinaryPrimitives.WriteInt32LittleEndian(piece, request.Chunk + 1);
        BinaryPrimitives.WriteInt32LittleEndian(piece.AsSpan(4), length);
        piece[8] = (byte)(request.Chunk == layout.ChunkCount - 1 ? 1 : 0);
        piece[9] = 0;
        int filled = PlainRequest.HeaderBytes;
        for (int at = 0; at < length;)
        {
            int read = ReadPiece(content, request.Chunk, at, piece.AsSpan(filled, Math.Min(PieceBytes - filled, length - at)));
            if (read <= 0) throw new IOException($"Chunk {request.Chunk} of {request.Name} cannot be read any more.");
            at += read;
            idle.CancelAfter(IdleTimeout);
            await context.Uploads.WaitAsync(read, idle.Token).ConfigureAwait(false);
            await stream.WriteAsync(piece.AsMemory(0, filled + read), idle.Token).ConfigureAwait(false);
            context.Metrics.Sent(read);
            filled = 0;
        }
    }

    private static int ReadPiece(IShareContent content, int chunk, int offset, Span<byte> buffer)
    {
        try
        {
            return content.ReadChunk(chunk, offset, buffer);
        }
        catch (StorageException e)
        {
            throw new IOException(e.Message, e);
        }
    }
}
