namespace CS3103P2P.Transport;

/// <summary>A machine on a loop, and whom to tell when it is taken off against its owner's will.</summary>
internal sealed class AttachedMachine(DatagramKind kind, IDatagramMachine machine, Action<Exception>? faulted)
{
    public DatagramKind Kind { get; } = kind;

    public IDatagramMachine Machine { get; } = machine;

    /// <summary>The machine, if it answers at once.</summary>
    public IDatagramResponder? Responder { get; } = machine as IDatagramResponder;

    /// <summary>Called once, on the loop, when the machine threw or the loop ended.</summary>
    public Action<Exception>? Faulted { get; } = faulted;

    /// <summary>Datagrams taken since the last drain. Loop only.</summary>
    public int InputsSinceDrain { get; set; }

    /// <summary>Its deadline at the end of the last turn; long past before the first. Loop only.</summary>
    public MonotonicTime Due { get; set; }

    /// <summary>Whether the last drain stopped at its limit. Loop only.</summary>
    public bool HasMore { get; set; }
}

/// <summary>Which machine takes which kind. Changed under a lock by copying, so that the loop reads it without one.</summary>
internal sealed class MachineTable
{
    private static readonly int KindCount = Enum.GetValues<DatagramKind>().Length;
    private readonly Lock _changes = new();
    private volatile AttachedMachine?[] _byKind = new AttachedMachine?[KindCount];
    private bool _closed;

    /// <summary>The present table, indexed by kind; never changed once published.</summary>
    public AttachedMachine?[] Snapshot => _byKind;

    public void Add(AttachedMachine machine)
    {
        lock (_changes)
        {
            ObjectDisposedException.ThrowIf(_closed, typeof(DatagramEndpoint));
            if (_byKind[(int)machine.Kind] is not null) throw new InvalidOperationException($"A machine for {machine.Kind} is already attached.");
            Replace(machine.Kind, machine);
        }
    }

    /// <summary>Takes a machine off; false when there was none, or another one than expected.</summary>
    public bool Remove(DatagramKind kind, AttachedMachine? expected = null)
    {
        lock (_changes)
        {
            AttachedMachine? present = _byKind[(int)kind];
            if (present is null || (expected is not null && present != expected)) return false;
            Replace(kind, null);
            return true;
        }
    }

    /// <summary>Refuses further machines; the table as it was.</summary>
    public AttachedMachine?[] Close()
    {
        lock (_changes)
        {
            _closed = true;
            AttachedMachine?[] last = _byKind;
            _byKind = new AttachedMachine?[KindCount];
            return last;
        }
    }

    private void Replace(DatagramKind kind, AttachedMachine? machine)
    {
        var next = (AttachedMachine?[])_byKind.Clone();
        next[(int)kind] = machine;
        _byKind = next;
    }
}
