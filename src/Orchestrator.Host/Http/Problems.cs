using System.Globalization;
using Orchestrator.Core;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;
using Orchestrator.Host.Http.Contracts;
using Orchestrator.Host.Http.Security;

namespace Orchestrator.Host.Http;

/// <summary>Every error answer of the API is made here.</summary>
internal static class Problems
{
    public const string ContentType = "application/problem+json";

    public static IResult Invalid(IReadOnlyList<FieldErrorDto> errors)
    {
        var named = string.Join("; ", errors.Select(error => $"{error.Field}: {error.Message}"));
        return Of(new ProblemDto("The request is not valid.", 400, named, "invalid", Errors: errors));
    }

    public static IResult Invalid(string field, string message) => Invalid([new FieldErrorDto(field, message)]);

    public static IResult NotFound(string detail) => Of(new ProblemDto("Not found.", 404, detail, "not-found"));

    public static IResult Unauthenticated(string detail) => new WithHeader(
        Of(new ProblemDto("Authentication required", 401, detail, "unauthenticated")), "WWW-Authenticate", "Bearer");

    /// <param name="cluster">Empty or null for everywhere.</param>
    public static IResult Forbidden(string caller, Permission permission, string? cluster)
    {
        var where = string.IsNullOrEmpty(cluster) ? "for all clusters" : $"for cluster {cluster}";
        return Of(new ProblemDto("Not allowed.", 403, $"{caller} needs the role {RolesWith(permission)} {where}.", "forbidden"));
    }

    /// <summary>For who has the permission in no cluster at all, so that nobody looked which one is meant.</summary>
    public static IResult ForbiddenEverywhere(string caller, Permission permission) => Of(new ProblemDto(
        "Not allowed.", 403, $"{caller} needs the role {RolesWith(permission)}, for the cluster concerned or for all clusters.", "forbidden"));

    private static string RolesWith(Permission permission) => Roles.Names.Where(role => Roles.Read(role)!.Permissions.HasFlag(permission)).ToList() switch
    {
        [] => "member",
        [var only] => only,
        [.. var others, var last] => $"{string.Join(", ", others)} or {last}",
    };

    /// <param name="named">The system database or collection.</param>
    /// <param name="cluster">Empty or null for everywhere.</param>
    public static IResult SystemCollection(string caller, string named, string? cluster)
    {
        var where = string.IsNullOrEmpty(cluster) ? "for all clusters" : $"for cluster {cluster}";
        return Of(new ProblemDto(
            "Not allowed.", 403, $"{named} is a system collection: {caller} needs the role {RolesWith(Permission.System)} {where}.", "forbidden"));
    }

    /// <param name="retryAfter">Rounded up to whole seconds, at least 1.</param>
    public static IResult TooManyAttempts(TimeSpan retryAfter) => new WithRetryAfter(
        Of(new ProblemDto("Too many failed attempts.", 429, "Too many failed authentication attempts from this address; try again later.", "too-many-attempts")),
        retryAfter);

    /// <param name="retryAfter">Rounded up to whole seconds, at least 1.</param>
    public static IResult TooManyRequests(string detail, TimeSpan retryAfter) => new WithRetryAfter(
        Of(new ProblemDto("Too many requests at the same time.", 429, detail, "too-many-requests")), retryAfter);

    public static IResult TooLarge(string detail) => Of(new ProblemDto("Too large.", 413, detail, "too-large"));

    public static IResult UnsupportedMediaType(string expected, string? found) => Of(new ProblemDto(
        "Unsupported media type.",
        415,
        $"The request needs the header 'Content-Type: {expected}' (UTF-8), not {(string.IsNullOrEmpty(found) ? "none" : $"'{found}'")}.",
        "unsupported-media-type"));

    public static IResult EncodedBody(string encoding) => new WithHeader(
        Of(new ProblemDto(
            "Unsupported media type.",
            415,
            $"The body must be sent as it is, not with 'Content-Encoding: {encoding}'.",
            "unsupported-media-type")),
        "Accept-Encoding",
        "identity");

    public static IResult ForeignHost(string host) => Of(new ProblemDto(
        "Not allowed.",
        403,
        $"'{host}' is not a name of this server. Use its address, or add the name to orchestrator.http.allowed-hosts in its configuration.",
        "forbidden"));

    public static IResult ForeignPage(string page) => Of(new ProblemDto(
        "Not allowed.",
        403,
        $"The request comes from a web page of {page}, which must not change anything here. If that page is yours, add its host to "
        + "orchestrator.http.allowed-hosts in the server's configuration.",
        "forbidden"));

    public static IResult Conflict(string detail, string presentRev, int status) =>
        Of(new ProblemDto("The revision is not the expected one.", status, detail, "conflict", PresentRev: presentRev));

    public static IResult TermStale(long promisedTerm) => Of(new ProblemDto(
        "The reader's term is stale.",
        409,
        $"This node has promised term {promisedTerm}; find the new primary first.",
        "conflict",
        PromisedTerm: promisedTerm));

    public static IResult HistoryParted(long commonSequence, long term, string difference) => Of(new ProblemDto(
        "The histories differ.",
        410,
        difference.Length > 0
            ? $"The reader must copy the collection again: {difference}."
            : $"The reader's history differs from this one after sequence number {commonSequence}.",
        "gone",
        CommonSequence: commonSequence,
        Term: term,
        Difference: difference.Length > 0 ? difference : null));

    /// <summary>The write may survive or not: 504, since the answer of others is what is missing.</summary>
    public static IResult NotConfirmed(string reason) =>
        Of(new ProblemDto("Not confirmed by a majority in time.", 504, reason, "not-confirmed"));

    public static IResult Failed(string detail) => Of(new ProblemDto("The server failed.", 500, detail, "failed"));

    /// <param name="retryAfter">Rounded up to whole seconds, at least 1.</param>
    public static IResult Unavailable(string reason, TimeSpan retryAfter) =>
        new WithRetryAfter(Of(new ProblemDto("Not available now.", 503, reason, "unavailable")), retryAfter);

    /// <summary>What the supervisor's refusals are in HTTP.</summary>
    public static IResult From(RequestFailed failed)
    {
        var runId = failed.RunId.Length == 0 ? null : failed.RunId;
        return failed.Code switch
        {
            FailureCode.NotFound => NotFound(failed.Message),
            FailureCode.Conflict => Of(new ProblemDto("The current state does not allow it.", 409, failed.Message, "conflict", runId)),
            FailureCode.Refused => Of(new ProblemDto("Refused by a check.", 409, failed.Message, "refused", runId)),
            FailureCode.Invalid => Of(new ProblemDto("The request is not valid.", 400, failed.Message, "invalid")),
            _ => Unavailable(failed.Message, TimeSpan.FromSeconds(1)),
        };
    }

    /// <summary>What a node's refusals are in HTTP.</summary>
    public static IResult From(RefusalCode code, string reason) => code switch
    {
        RefusalCode.NotFound => NotFound(reason),
        RefusalCode.Invalid => Of(new ProblemDto("The request is not valid.", 400, reason, "invalid")),
        RefusalCode.Unavailable => Unavailable(reason, TimeSpan.FromSeconds(1)),
        RefusalCode.DiskSpace => Of(new ProblemDto("Refused by a check.", 409, reason, "refused")),
        _ => Of(new ProblemDto("The current state does not allow it.", 409, reason, "conflict")),
    };

    public static IResult Of(ProblemDto problem) => new Shown(problem);

    /// <summary>What an answer of this class says, for those who show it without HTTP.</summary>
    public static ProblemDto Described(IResult problem) => problem switch
    {
        Shown shown => shown.Problem with { Detail = ErrorText.Shown(shown.Problem.Detail, out _) },
        WithHeader { Inner: var inner } => Described(inner),
        WithRetryAfter { Inner: var inner } => Described(inner),
        _ => throw new InvalidOperationException($"{problem.GetType().Name} is not a kind of problem"),
    };

    /// <summary>The net under all error answers: a text of the platform goes to the log, not to the caller.</summary>
    private sealed class Shown(ProblemDto problem) : IResult
    {
        public ProblemDto Problem => problem;

        public Task ExecuteAsync(HttpContext httpContext)
        {
            var isForPeople = true;
            var shown = problem with
            {
                Detail = Text(problem.Detail),
                Errors = problem.Errors is null ? null : [.. problem.Errors.Select(error => error with { Message = Text(error.Message) })],
            };
            if (!isForPeople)
            {
                httpContext.RequestServices.GetService<ILoggerFactory>()?.CreateLogger(typeof(Problems)).LogError(
                    "The answer with status {Status} had a text that callers are not shown: {Detail}", problem.Status, problem.Detail);
            }

            return TypedResults.Json(shown, ApiJson.Context.ProblemDto, ContentType, shown.Status).ExecuteAsync(httpContext);

            string Text(string text)
            {
                var plain = ErrorText.Shown(text, out var isPlain);
                isForPeople &= isPlain;
                return plain;
            }
        }
    }

    private sealed class WithHeader(IResult inner, string name, string value) : IResult
    {
        public IResult Inner => inner;

        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.Headers[name] = value;
            return inner.ExecuteAsync(httpContext);
        }
    }

    private sealed class WithRetryAfter(IResult inner, TimeSpan retryAfter) : IResult
    {
        public IResult Inner => inner;

        public Task ExecuteAsync(HttpContext httpContext)
        {
            var seconds = Math.Max(1, (long)Math.Ceiling(retryAfter.TotalSeconds));
            httpContext.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
            return inner.ExecuteAsync(httpContext);
        }
    }
}
