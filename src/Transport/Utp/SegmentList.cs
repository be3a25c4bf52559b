namespace CS3103P2P.Transport.Utp;

/// <summary>A doubly linked list through the segments of a <see cref="SendWindow"/>, linked by sequence number: O(1) and without allocation.</summary>
internal struct SegmentList
{
    public SegmentList() => Head = Tail = SendSegment.NoLink;

    public int Head { get; private set; }

    public int Tail { get; private set; }

    public readonly bool IsEmpty => Head == SendSegment.NoLink;

    public void Append(SendWindow window, ushort sequence)
    {
        ref SendSegment segment = ref window[sequence];
        segment.Previous = Tail;
        segment.Next = SendSegment.NoLink;
        if (Tail == SendSegment.NoLink) Head = sequence;
        else window[(ushort)Tail].Next = sequence;
        Tail = sequence;
    }

    public void Remove(SendWindow window, ushort sequence)
    {
        ref SendSegment segment = ref window[sequence];
        if (segment.Previous == SendSegment.NoLink) Head = segment.Next;
        else window[(ushort)segment.Previous].Next = segment.Next;
        if (segment.Next == SendSegment.NoLink) Tail = segment.Previous;
        else window[(ushort)segment.Next].Previous = segment.Previous;
    }

    public void Clear() => Head = Tail = SendSegment.NoLink;
}
