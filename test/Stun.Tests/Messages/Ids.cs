namespace CS3103P2P.Stun.Tests;

/// <summary>Transaction ids that a test can predict.</summary>
internal static class Ids
{
    public static StunTransactionId Of(int number)
    {
        Span<byte> bytes = stackalloc byte[StunTransactionId.SizeInBytes];
        bytes.Clear();
        BitConverter.TryWriteBytes(bytes, number);
        return new StunTransactionId(bytes);
    }

    /// <summary>A source that counts from one.</summary>
    public static Func<StunTransactionId> Counting()
    {
        int next = 0;
        return () => Of(++next);
    }
}
