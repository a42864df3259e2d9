using Orchestrator.Core.Topology;
using Orchestrator.Host.Http;
using Orchestrator.Host.Http.Security;
using Orchestrator.Host.Web.Parts;

namespace Orchestrator.Host.Web;

/// <summary>
/// The newest storage report of each cluster, kept once for all pages that show it, and as long as one does. All of them go over to a newer one, so that
/// no cluster has two.
/// </summary>
internal sealed class SharedReports(TimeProvider time)
{
    /// <summary>A page that is opened shows one that is no older.</summary>
    private static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Shelf> _shelves = new(StringComparer.Ordinal);

    /// <summary>Begins to show a cluster's reports; ends when disposed.</summary>
    /// <param name="changed">There is a newer one; called on any thread.</param>
    public Viewer Open(string cluster, Action changed)
    {
        lock (_gate)
        {
            if (!_shelves.TryGetValue(cluster, out var shelf))
            {
                _shelves[cluster] = shelf = new Shelf();
            }

            var viewer = new Viewer(this, cluster, shelf, changed);
            shelf.Viewers.Add(viewer);
            return viewer;
        }
    }

    private Task<(ReportSnapshot?, IResult?)> Get(Shelf shelf, bool anew, Func<Task<(StorageReport?, IResult?)>> measure)
    {
        lock (_gate)
        {
            if (!anew && shelf.Newest is { } newest && time.GetElapsedTime(shelf.MeasuredAt) < MaxAge)
            {
                return Task.FromResult<(ReportSnapshot?, IResult?)>((newest, null));
            }

            // Who asks while it is measured waits for the same.
            if (shelf.Measuring is not { IsCompleted: false })
            {
                shelf.Measuring = Measure(shelf, measure);
            }

            return shelf.Measuring;
        }
    }

    private async Task<(ReportSnapshot?, IResult?)> Measure(Shelf shelf, Func<Task<(StorageReport?, IResult?)>> measure)
    {
        // Not under the lock, in which this begins.
        await Task.Yield();
        var (report, problem) = await measure();
        if (report is null)
        {
            return (null, problem);
        }

        var snapshot = new ReportSnapshot(report);
        List<Viewer> viewers;
        lock (_gate)
        {
            (shelf.Newest, shelf.MeasuredAt) = (snapshot, time.GetTimestamp());
            viewers = [.. shelf.Viewers];
        }

        viewers.ForEach(viewer => viewer.Changed());
        return (snapshot, null);
    }

    private void Close(Viewer viewer, string cluster, Shelf shelf)
    {
        lock (_gate)
        {
            if (shelf.Viewers.Remove(viewer) && shelf.Viewers.Count == 0)
            {
                _shelves.Remove(cluster);
            }
        }
    }

    /// <summary>A page that shows a cluster's reports.</summary>
    internal sealed class Viewer(SharedReports reports, string cluster, Shelf shelf, Action changed) : IDisposable
    {
        /// <summary>The newest report; measures if there is none or <paramref name="anew"/> is said.</summary>
        public async Task<(ReportSnapshot? Reply, IResult? Problem)> Get(Administration administration, Caller caller, bool anew) =>
            caller.Refusal(Permission.View, cluster) is { } refusal
                ? (null, refusal)
                : await reports.Get(shelf, anew, () => administration.Report(caller, cluster, CancellationToken.None));

        public void Dispose() => reports.Close(this, cluster, shelf);

        internal void Changed() => changed();
    }

    internal sealed class Shelf
    {
        public List<Viewer> Viewers { get; } = [];

        public ReportSnapshot? Newest { get; set; }

        public long MeasuredAt { get; set; }

        public Task<(ReportSnapshot?, IResult?)>? Measuring { get; set; }
    }
}
