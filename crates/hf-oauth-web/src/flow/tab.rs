//! The end of a sign-in in a tab that was opened from a frame.

use crate::answers;
use crate::failure::{Failure, FailureCode};
use crate::frames::Framing;
use crate::page;
use crate::reply::Reply;
use crate::request::Request;
use crate::signed_in::Identity;
use crate::visit::Visit;

/// `GET /oauth/huggingface/tab`: the tab says that it is the one to go on in. No script and no cookie tells the frame: what
/// would bind the two could be planted by somebody else.
pub(crate) fn tab(visit: &Visit, request: &Request<'_>) -> Reply {
    let incoming = visit.incoming(request);
    let paths = &visit.runtime().paths;
    let return_path = paths.return_path_of_query(request.query());
    if visit.site().is_none() {
        return answers::unknown_host(incoming);
    }
    match (visit.session(), incoming.framing()) {
        (_, Framing::Foreign) => answers::failure(incoming, &answers::framed(incoming, return_path)),
        (Some(_), Framing::Framed) => Reply::see_other(return_path.as_str()),
        (Some(session), Framing::Unframed) => {
            page::signed_in_here(incoming, &Identity::new(session.clone()).visible_name(), &return_path)
        }
        (None, _) => {
            let text = "Nobody is signed in in this tab.";
            let failure = Failure::new(FailureCode::Unauthenticated, text);
            answers::failure(incoming, &failure.returning_to(paths.tab_to(&return_path)))
        }
    }
}
