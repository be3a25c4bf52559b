namespace CS3103P2P.Tracker.Registry;

/// <summary>A list in pages, so that growing copies nothing: one with ten million items grows as quickly as one with ten.</summary>
internal sealed class PagedList<T>
{
    private const int PageBits = 11;
    private const int PageItems = 1 << PageBits;
    private const int PageMask = PageItems - 1;

    private Place[][] _pages = [];
    private int _pageCount;

    /// <summary>How many items there are.</summary>
    public int Count { get; private set; }

    /// <summary>An item; the reference stays good until the item is removed.</summary>
    public ref T this[int index]
    {
        get
        {
            if ((uint)index >= (uint)Count) throw new ArgumentOutOfRangeException(nameof(index));
            return ref _pages[index >> PageBits][index & PageMask].Item;
        }
    }

    /// <summary>Adds an item at the end; its index.</summary>
    public int Add(T item)
    {
        if (Count == _pageCount << PageBits)
        {
            if (_pageCount == _pages.Length) Array.Resize(ref _pages, Math.Max(4, _pages.Length * 2));
            _pages[_pageCount++] = new Place[PageItems];
        }

        int index = Count++;
        this[index] = item;
        return index;
    }

    /// <summary>Removes the last item; the result is the item.</summary>
    public T RemoveLast()
    {
        ref T place = ref this[Count - 1];
        T last = place;
        place = default!;
        Count--;
        if (_pageCount - (Count >> PageBits) > 2) _pages[--_pageCount] = null!;   // one empty page stays, for the next item
        return last;
    }

    // Around the item, because a reference into an array of a class costs a check of its type.
    private struct Place
    {
        public T Item;
    }
}
