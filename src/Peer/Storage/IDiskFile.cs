namespace CS3103P2P.Peer;

/// <summary>An open file. Reads and writes may come from any thread at once.</summary>
internal interface IDiskFile : IDisposable
{
    /// <summary>Length and time of the last change.</summary>
    FileStamp Stamp { get; }

    /// <summary>Cuts or extends the file; new parts are zero and take no space until written, where the file system can.</summary>
    void SetLength(long length);

    /// <summary>Reads until the buffer is full or the file ends; returns bytes read.</summary>
    int Read(Span<byte> buffer, long offset);

    /// <summary>Writes all bytes.</summary>
    void Write(ReadOnlySpan<byte> data, long offset);

    /// <summary>Returns once everything written so far would survive a power failure.</summary>
    void Flush();
}
