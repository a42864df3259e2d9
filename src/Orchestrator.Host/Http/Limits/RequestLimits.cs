using System.Globalization;
using Orchestrator.Host.Configuration;
using Orchestrator.Host.Http.Security;

namespace Orchestrator.Host.Http.Limits;

/// <summary>Bounds what requests under way may hold in memory. What is beyond is refused at once, with the setting that allows more.</summary>
internal sealed class RequestLimits(HttpSettings settings)
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(2);

    /// <summary>Bytes of bodies.</summary>
    public Allowance Bodies { get; } = new(settings.MaxHeldBodiesPerCaller, settings.MaxHeldBodies);

    /// <summary>Event streams, and readers of changes that wait.</summary>
    public Allowance Streams { get; } = new(settings.MaxStreamsPerCaller, settings.MaxStreams);

    /// <summary>Until the request ends it holds so much more of its body.</summary>
    /// <exception cref="LimitReachedException">That is too much now.</exception>
    public void HoldBody(HttpContext http, Allowance.Share share, long bytes)
    {
        switch (share.Raise(bytes))
        {
            case Allowance.Taken.CallerHasTooMuch:
                throw new LimitReachedException(Problems.TooManyRequests(
                    $"Requests of {NameOf(http)} that are under way hold {Megabytes(Bodies.PerCaller)} of bodies, which is all that one caller may hold "
                    + "(orchestrator.http.max-held-bodies-per-caller). Send fewer at the same time, or smaller ones.",
                    RetryAfter));
            case Allowance.Taken.AllHaveTooMuch:
                throw new LimitReachedException(Problems.Unavailable(
                    $"Requests under way hold {Megabytes(Bodies.ForAll)} of bodies, which is all that this server takes at the same time "
                    + "(orchestrator.http.max-held-bodies).",
                    RetryAfter));
        }
    }

    /// <summary>Counts a stream until its request ends.</summary>
    /// <returns>Null, or the answer that there are too many.</returns>
    public IResult? OpenStream(HttpContext http)
    {
        var share = Streams.Begin(KeyOf(http));
        http.Response.RegisterForDispose(share);
        return share.Raise(1) switch
        {
            Allowance.Taken.CallerHasTooMuch => Problems.TooManyRequests(
                $"{NameOf(http)} has {Streams.PerCaller} event streams and waiting readers of changes open, which is all that one caller may have "
                + "(orchestrator.http.max-streams-per-caller). Close some.",
                RetryAfter),
            Allowance.Taken.AllHaveTooMuch => Problems.Unavailable(
                $"{Streams.ForAll} event streams and waiting readers of changes are open, which is all that this server has "
                + "(orchestrator.http.max-streams).",
                RetryAfter),
            _ => null,
        };
    }

    /// <summary>A caller is who has proved it, else an address: what a client calls itself bounds nothing.</summary>
    public static string KeyOf(HttpContext http) => http.RequestServices.GetRequiredService<Authenticator>().IsOn
        ? $"name {http.Caller().Name}"
        : $"address {http.Connection.RemoteIpAddress}";

    private static string NameOf(HttpContext http) => http.RequestServices.GetRequiredService<Authenticator>().IsOn
        ? http.Caller().Name
        : http.Connection.RemoteIpAddress?.ToString() ?? "this address";

    private static string Megabytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes >> 20} MiB");
}

/// <summary>A request is refused since too much is under way.</summary>
/// <param name="answer">What the caller is told.</param>
internal sealed class LimitReachedException(IResult answer) : Exception("a limit of what requests may hold is reached")
{
    public IResult Answer => answer;
}
