using CS3103P2P.Protocol;

namespace CS3103P2P.Stun;

/// <summary>Asks a STUN server over a TCP or TLS connection (RFC 8489 §6.2.2) how its other end looks from outside.</summary>
public static class StunStreamQuery
{
    private const int MaxAnswerBytes = 1024;

    /// <summary>Asks once. The connection is good for nothing else while it runs.</summary>
    /// <param name="stream">The connection; stays the caller's.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The address, or null when what came back was no such answer.</returns>
    /// <exception cref="IOException">The connection failed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static async Task<TransportAddress?> AskAsync(Stream stream, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        Span<byte> random = stackalloc byte[StunTransactionId.SizeInBytes];
        System.Security.Cryptography.RandomNumberGenerator.Fill(random);
        var id = new StunTransactionId(random);
        await stream.WriteAsync(BindingRequest.Encode(id), cancellationToken).ConfigureAwait(false);
        byte[] answer = new byte[MaxAnswerBytes];
        await stream.ReadExactlyAsync(answer.AsMemory(0, StunHeader.SizeInBytes), cancellationToken).ConfigureAwait(false);
        if (!TurnStreamFraming.TryGetFrameBytes(answer, out int bytes) || bytes is < StunHeader.SizeInBytes or > MaxAnswerBytes) return null;
        await stream.ReadExactlyAsync(answer.AsMemory(StunHeader.SizeInBytes, bytes - StunHeader.SizeInBytes), cancellationToken).ConfigureAwait(false);
        return Read(answer.AsSpan(0, bytes), id);
    }

    private static TransportAddress? Read(ReadOnlySpan<byte> answer, StunTransactionId id)
    {
        bool isAnswer = StunMessage.TryParse(answer, out StunMessage message) && message.Class == StunClass.SuccessResponse && message.TransactionId == id;
        return isAnswer && message.TryGetXorAddress(StunAttributeType.XorMappedAddress, out TransportAddress mapped) ? mapped : null;
    }
}
