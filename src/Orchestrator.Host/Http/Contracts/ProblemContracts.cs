namespace Orchestrator.Host.Http.Contracts;

/// <summary>An error as RFC 9457 problem details.</summary>
/// <param name="Title">The kind of error.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Detail">What is wrong and what to do, in one or two sentences.</param>
/// <param name="Code">For programs: invalid, unauthenticated, forbidden, too-many-attempts, too-many-requests, not-found, not-primary, conflict, gone, refused, unsupported-media-type, unavailable, not-confirmed, too-large, failed.</param>
/// <param name="RunId">With 409: the run that is in the way.</param>
/// <param name="Errors">With 400: every field that is wrong.</param>
/// <param name="PresentRev">With a revision that is not the expected one: the present one, empty if there is no such document.</param>
/// <param name="PromisedTerm">With 409 to a member's reading of the change feed: the term that is promised here.</param>
/// <param name="CommonSequence">With 410 to a member's reading of the change feed: where the histories part.</param>
/// <param name="Term">With 410: the term that the answering node follows.</param>
/// <param name="Difference">With 410: why the member must copy the collection anew; absent where commonSequence tells what to drop.</param>
public sealed record ProblemDto(
    string Title,
    int Status,
    string Detail,
    string Code,
    string? RunId = null,
    IReadOnlyList<FieldErrorDto>? Errors = null,
    string? PresentRev = null,
    long? PromisedTerm = null,
    long? CommonSequence = null,
    long? Term = null,
    string? Difference = null);

/// <param name="Field">Path of the field, as <c>scope.databases[0]</c>; of a bulk, <c>line 3</c>; of a query, its parameter.</param>
public sealed record FieldErrorDto(string Field, string Message);
