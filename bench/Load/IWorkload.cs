namespace CS3103P2P.Bench.Load;

/// <summary>Requests of one kind, each with a number that comes back in its reply.</summary>
internal interface IWorkload
{
    /// <summary>Makes ready: cookies, connection ids, registrations.</summary>
    void Prepare(UdpBatch socket);

    /// <summary>Writes a request; its length.</summary>
    /// <param name="number">Comes back in the reply; up to <see cref="LoadGenerator.MaxWindow"/>.</param>
    /// <param name="turn">Counts requests.</param>
    /// <param name="buffer">Where it goes.</param>
    int Write(int number, long turn, Span<byte> buffer);

    /// <summary>The number in a reply; -1 when it is none, or one that says no.</summary>
    int NumberOf(ReadOnlySpan<byte> reply);
}
