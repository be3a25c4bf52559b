namespace CS3103P2P.Transport.Utp;

/// <summary>
/// A binary heap of connections by deadline that knows each one's place. A deadline that moves later is left where it is and seen when
/// it comes up, so that a busy connection seldom touches the heap.
/// </summary>
internal sealed class DeadlineQueue
{
    private readonly List<UtpConnection> _heap = [];

    public MonotonicTime Earliest => _heap.Count == 0 ? MonotonicTime.Never : _heap[0].QueuedDeadline;

    /// <summary>Makes sure that the connection comes up no later than its deadline.</summary>
    public void Update(UtpConnection connection)
    {
        MonotonicTime deadline = connection.Deadline;
        if (connection.DeadlineIndex >= 0)
        {
            if (deadline >= connection.QueuedDeadline) return;
            connection.QueuedDeadline = deadline;
            SiftUp(connection.DeadlineIndex);
            return;
        }

        if (deadline == MonotonicTime.Never) return;
        connection.QueuedDeadline = deadline;
        connection.DeadlineIndex = _heap.Count;
        _heap.Add(connection);
        SiftUp(connection.DeadlineIndex);
    }

    public void Remove(UtpConnection connection)
    {
        int index = connection.DeadlineIndex;
        if (index < 0) return;
        connection.DeadlineIndex = -1;
        UtpConnection last = _heap[^1];
        _heap.RemoveAt(_heap.Count - 1);
        if (ReferenceEquals(last, connection)) return;
        Place(last, index);
        SiftUp(index);
        SiftDown(last.DeadlineIndex);
    }

    /// <summary>Takes out a connection that came up; false when none did.</summary>
    public bool TryTakeDue(MonotonicTime now, out UtpConnection connection)
    {
        connection = null!;
        if (now < Earliest || _heap.Count == 0) return false;
        connection = _heap[0];
        Remove(connection);
        return true;
    }

    private void SiftUp(int index)
    {
        UtpConnection moving = _heap[index];
        while (index > 0)
        {
            int parent = (index - 1) / 2;
            if (_heap[parent].QueuedDeadline <= moving.QueuedDeadline) break;
            Place(_heap[parent], index);
            index = parent;
        }

        Place(moving, index);
    }

    private void SiftDown(int index)
    {
        UtpConnection moving = _heap[index];
        while (true)
        {
            int child = (2 * index) + 1;
            if (child >= _heap.Count) break;
            if (child + 1 < _heap.Count && _heap[child + 1].QueuedDeadline < _heap[child].QueuedDeadline) child++;
            if (_heap[child].QueuedDeadline >= moving.QueuedDeadline) break;
            Place(_heap[child], index);
            index = child;
        }

        Place(moving, index);
    }

    private void Place(UtpConnection connection, int index)
    {
        _heap[index] = connection;
        connection.DeadlineIndex = index;
    }
}
